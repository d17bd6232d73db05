using Fleet.Testing.Samples;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fleet.Actions.Tests;

/// <summary>
/// Agents and coordinators of different releases talk to each other, and results are kept for a year: bytes that were written once are read
/// the same way ever after. wire-format.tsv holds a sample of each message as it was first written: name, bytes in base64, and what they
/// say.
/// </summary>
public sealed class WireFormatTests
{
    private static readonly IReadOnlyDictionary<string, IMessage> Samples = new MessageSamples(depth: 1).All();

    private static readonly Dictionary<string, (string Bytes, string Text)> Stored = File.ReadLines(
            Path.Join(AppContext.BaseDirectory, "wire-format.tsv"))
        .Select(static line => line.Split('\t'))
        .ToDictionary(static parts => parts[0], static parts => (parts[1], parts[2]));

    public static TheoryData<string> Names => [.. Stored.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void StoredBytes_AreReadAsEver(string name)
    {
        var message = Samples[name].Descriptor.Parser.ParseFrom(Convert.FromBase64String(Stored[name].Bytes));

        // Fields that are not known are kept, but not shown.
        Assert.Equal(Stored[name].Text, Text(message));
        Assert.Equal(Stored[name].Bytes, Convert.ToBase64String(message.ToByteArray()));
    }

    [Fact]
    public void EveryMessage_IsStored()
    {
        var missing = Samples.Where(static sample => !Stored.ContainsKey(sample.Key))
            .Select(static sample => $"{sample.Key}\t{Convert.ToBase64String(sample.Value.ToByteArray())}\t{Text(sample.Value)}");
        Assert.True(!missing.Any(), $"Add to wire-format.tsv, and never change afterwards:\n{string.Join('\n', missing)}");
    }

    [Fact]
    public void EveryField_IsStored()
    {
        var stored = Stored.GroupBy(static line => line.Key.Split(' ')[0])
            .ToDictionary(
                static lines => lines.Key,
                static lines =>
                    lines
                        .SelectMany(static line =>
                            Fields(Samples[line.Key].Descriptor.Parser.ParseFrom(Convert.FromBase64String(line.Value.Bytes))))
                        .ToHashSet());
        var missing = Samples
            .Where(static sample => Stored.ContainsKey(sample.Key))
            .SelectMany(sample => Fields(sample.Value).Except(stored[sample.Key.Split(' ')[0]]).Select(field => $"{sample.Key}.{field}"));
        Assert.True(!missing.Any(), $"Replace the lines of these messages in wire-format.tsv once, with what EveryMessage_IsStored prints without them: {string.Join(", ", missing)}");
    }

    private static IEnumerable<string> Fields(IMessage message) =>
        message.Descriptor.Fields.InFieldNumberOrder().Where(field => IsSet(message, field)).Select(static field => field.Name);

    private static bool IsSet(IMessage message, FieldDescriptor field) => field.Accessor.GetValue(message) switch
    {
        System.Collections.ICollection list => list.Count > 0,
        _ when field.HasPresence => field.Accessor.HasValue(message),
        string text => text.Length > 0,
        ByteString bytes => !bytes.IsEmpty,
        var number => !number.Equals(Activator.CreateInstance(number.GetType())),
    };

    private static string Text(IMessage message) => JsonFormatter.Default.Format(message);
}
