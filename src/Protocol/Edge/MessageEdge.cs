using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Protocol.Edge;

/// <summary>
/// Makes a message of a peer harmless as a whole: every instant and length of time in it, at whatever depth, is one that can be worked
/// with afterwards, every number with a fraction is finite, and no text holds control characters but where it is meant to. Goes by the
/// descriptors, so that a field that is added later is covered without a line of code. For programs that may use reflection: coordinator
/// and CLI. Thread-safe.
/// </summary>
public static class MessageEdge
{
    private const int MaxProblems = 20;
    private const int MaxDepth = 50;
    private const char Replacement = '\uFFFD';

    /// <summary>Text that is shown as a tool printed it, or that is not shown at all: its readers escape it.</summary>
    private static readonly HashSet<string> RawTexts = ["fleet.v1.LogLine.text"];

    /// <summary>Numbers that may be anything, because that is what was measured.</summary>
    private static readonly HashSet<string> RawNumbers =
    [
        "fleet.v1.MetricPoint.value",
        "fleet.v1.MetricPoint.min",
        "fleet.v1.MetricPoint.max",
    ];

    private static readonly ConcurrentDictionary<MessageDescriptor, Plan> Plans = new();

    private enum Kind
    {
        Instant,
        Span,
        Number,
        Text,
        Message,
        Map,
    }

    /// <summary>Leaves out every field that cannot be used.</summary>
    /// <param name="texts">Replaces control characters by U+FFFD, too. Not for messages that carry certificates.</param>
    /// <returns>
    /// What was left out, by its path in proto names: "result.log_tail[3].at: is outside of 1970 to 2200". Replaced characters are no
    /// problem.
    /// </returns>
    public static IReadOnlyList<string> Repair(IMessage message, bool texts = true) => new Walk(repair: true, texts).Run(message);

    /// <summary>
    /// For requests: instants before 1970 or after 2200 that are real are moved to these limits, since a caller may mean "always" by them.
    /// What is no instant or length of time at all is found, and nothing else is changed.
    /// </summary>
    /// <returns>Path and problem of each field that cannot be used.</returns>
    public static IReadOnlyList<(string Field, string Problem)> Check(IMessage message)
    {
        var walk = new Walk(repair: false, texts: false);
        walk.Run(message);
        return walk.Found;
    }

    private static Plan PlanOf(MessageDescriptor descriptor) => Plans.GetOrAdd(descriptor, static d => new Plan(d));

    private sealed class Walk(bool repair, bool texts)
    {
        private int _depth;

        public List<(string Field, string Problem)> Found { get; } = [];

        public IReadOnlyList<string> Run(IMessage message)
        {
            Visit(message, "");
            return [.. Found.Select(f => $"{f.Field}: {f.Problem}")];
        }

        private void Visit(IMessage message, string path)
        {
            if (++_depth <= MaxDepth)
            {
                foreach (var (field, kind) in PlanOf(message.Descriptor).Fields)
                {
                    if (field.IsMap)
                    {
                        VisitMap(message, field, path);
                    }
                    else if (field.IsRepeated)
                    {
                        VisitList((System.Collections.IList)field.Accessor.GetValue(message), field, kind, path);
                    }
                    else if (
                        field.RealContainingOneof is null
                        || field.RealContainingOneof.Accessor.GetCaseFieldDescriptor(message) == field)
                    {
                        VisitValue(message, field, kind, path);
                    }
                }
            }

            _depth--;
        }

        private void VisitValue(IMessage message, FieldDescriptor field, Kind kind, string path)
        {
            var value = field.Accessor.GetValue(message);
            switch (kind)
            {
                case Kind.Instant when value is Timestamp instant && !IsGood(instant):
                case Kind.Span when value is Duration span && WireTime.SpanOf(span) is null:
                    Refuse(path + field.Name, kind);
                    Drop(message, field);
                    break;
                case Kind.Number when repair && !double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                    Refuse(path + field.Name, kind);
                    Drop(message, field);
                    break;
                case Kind.Text when texts && value is string text && Printable(text) is var printable && !ReferenceEquals(printable, text):
                    field.Accessor.SetValue(message, printable);
                    break;
                case Kind.Message when value is IMessage inner:
                    Visit(inner, $"{path}{field.Name}.");
                    break;
                default:
                    break;
            }
        }

        private void VisitList(System.Collections.IList list, FieldDescriptor field, Kind kind, string path)
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (kind == Kind.Message)
                {
                    Visit((IMessage)list[i]!, string.Create(CultureInfo.InvariantCulture, $"{path}{field.Name}[{i}]."));
                }
                else if (kind == Kind.Text && texts)
                {
                    list[i] = Printable((string)list[i]!);
                }
            }
        }

        private void VisitMap(IMessage message, FieldDescriptor field, string path)
        {
            switch (field.Accessor.GetValue(message))
            {
                case MapField<string, string> map when texts:
                    foreach (var (key, value) in map.ToList())
                    {
                        var (goodKey, goodValue) = (Printable(key), Printable(value));
                        if (!ReferenceEquals(goodKey, key))
                        {
                            map.Remove(key);
                        }

                        if (!ReferenceEquals(goodKey, key) || !ReferenceEquals(goodValue, value))
                        {
                            map[goodKey] = goodValue;
                        }
                    }

                    break;
                default:
                    // Fleet's messages have no other maps; one that is added is found by a test.
                    break;
            }
        }

        private bool IsGood(Timestamp instant)
        {
            if (WireTime.TryRead(instant, out _))
            {
                return true;
            }

            const long FirstSecond = -62_135_596_800; // year 1
            const long LastSecond = 253_402_300_799; // year 9999
            if (repair || instant.Nanos is < 0 or >= 1_000_000_000 || instant.Seconds is < FirstSecond or > LastSecond)
            {
                return false;
            }

            (instant.Seconds, instant.Nanos) = (instant.Seconds < 0 ? 0 : WireTime.Latest.ToUnixTimeSeconds() - 1, 0);
            return true;
        }

        private void Drop(IMessage message, FieldDescriptor field)
        {
            if (repair)
            {
                field.Accessor.Clear(message);
            }
        }

        private void Refuse(string field, Kind kind)
        {
            if (Found.Count < MaxProblems)
            {
                Found.Add((field, kind switch
                {
                    Kind.Instant => "is outside of 1970 to 2200",
                    Kind.Span => "is no length of time",
                    _ => "is no number",
                }));
            }
        }

        /// <summary>The same text where there is nothing to replace.</summary>
        private static string Printable(string text)
        {
            foreach (var c in text)
            {
                if (char.IsControl(c))
                {
                    return string.Create(text.Length, text, static (to, from) =>
                    {
                        for (var i = 0; i < from.Length; i++)
                        {
                            to[i] = char.IsControl(from[i]) ? Replacement : from[i];
                        }
                    });
                }
            }

            return text;
        }
    }

    /// <summary>The fields of one kind of message that there is something to look at.</summary>
    private sealed class Plan(MessageDescriptor descriptor)
    {
        public IReadOnlyList<(FieldDescriptor Field, Kind Kind)> Fields { get; } =
        [
            .. descriptor
                .Fields.InDeclarationOrder()
                .Select(f => (f, KindOf(f)))
                .Where(f => f.Item2 is not null)
                .Select(f => (f.f, f.Item2!.Value)),
        ];

        private static Kind? KindOf(FieldDescriptor field) => field.FieldType switch
        {
            _ when field.IsMap => Kind.Map,
            FieldType.Message when field.MessageType.FullName == Timestamp.Descriptor.FullName => Kind.Instant,
            FieldType.Message when field.MessageType.FullName == Duration.Descriptor.FullName => Kind.Span,
            FieldType.Message => Kind.Message,
            FieldType.String when !RawTexts.Contains(field.FullName) => Kind.Text,
            FieldType.Double or FieldType.Float when !field.IsRepeated && !RawNumbers.Contains(field.FullName) => Kind.Number,
            _ => null,
        };
    }
}
