using Fleet.Protocol.Edge;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fleet.Coordinator.Limits;

/// <summary>Cuts the texts and lists of a message, whatever its fields are, so that a field that is added later is bounded, too.</summary>
/// <param name="MaxChars">Most characters of each text.</param>
/// <param name="MaxBytes">Most bytes of each bytes field, and of all elements of one list or map together.</param>
/// <param name="MaxItems">Most items of each list and map.</param>
internal sealed record MessageCaps(int MaxChars, int MaxBytes, int MaxItems)
{
    /// <summary>For what a host reports about itself when a session begins.</summary>
    public static readonly MessageCaps Hello = new(1_000, 64 * 1024, 1_000);

    /// <summary>For one part of a host's report about its pools and volume groups.</summary>
    public static readonly MessageCaps Report = new(1_000, 4 * 1024 * 1024, 250_000);

    /// <summary>For an entry of an agent's outbox.</summary>
    public static readonly MessageCaps Entry = new(2_000, 1024 * 1024, 20_000);

    /// <summary>Cuts in place.</summary>
    /// <returns>True if something was cut.</returns>
    public bool Apply(IMessage message)
    {
        var cut = false;
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.IsMap)
            {
                cut |= ApplyToMap((System.Collections.IDictionary)field.Accessor.GetValue(message));
            }
            else if (field.IsRepeated)
            {
                cut |= ApplyToList(field, (System.Collections.IList)field.Accessor.GetValue(message));
            }
            else if (field.FieldType is FieldType.Message or FieldType.String or FieldType.Bytes
                && (field.ContainingOneof is null || ReferenceEquals(field.ContainingOneof.Accessor.GetCaseFieldDescriptor(message), field))
                && field.Accessor.GetValue(message) is { } value)
            {
                if (value is IMessage inner)
                {
                    cut |= Apply(inner);
                }
                else if (Cut(value) is { } shorter)
                {
                    field.Accessor.SetValue(message, shorter);
                    cut = true;
                }
            }
        }

        return cut;
    }

    private bool ApplyToList(FieldDescriptor field, System.Collections.IList list)
    {
        var cut = false;
        var bytes = 0;
        for (var i = 0; i < list.Count; i++)
        {
            switch (list[i])
            {
                case IMessage inner:
                    cut |= Apply(inner);
                    bytes += inner.CalculateSize();
                    break;
                case { } value when field.FieldType is FieldType.String or FieldType.Bytes:
                    if (Cut(value) is { } shorter)
                    {
                        list[i] = shorter;
                        cut = true;
                    }

                    bytes += Size(list[i]!);
                    break;
                default:
                    bytes += sizeof(long);
                    break;
            }

            if (i >= MaxItems || bytes > MaxBytes)
            {
                while (list.Count > i)
                {
                    list.RemoveAt(list.Count - 1);
                }

                return true;
            }
        }

        return cut;
    }

    private bool ApplyToMap(System.Collections.IDictionary map)
    {
        var cut = false;
        var (count, bytes) = (0, 0);
        foreach (var key in map.Keys.Cast<object>().ToList())
        {
            var value = map[key]!;
            if (value is string && Cut(value) is { } shorter)
            {
                map[key] = value = shorter;
                cut = true;
            }

            bytes += Size(key) + Size(value);
            if (++count > MaxItems || bytes > MaxBytes || (key is string text && text.Length > MaxChars))
            {
                map.Remove(key);
                bytes -= Size(key) + Size(value);
                cut = true;
            }
        }

        return cut;
    }

    private object? Cut(object value) => value switch
    {
        string text when text.Length > MaxChars => WireText.Cut(text, MaxChars),
        ByteString bytes when bytes.Length > MaxBytes => ByteString.CopyFrom(bytes.Span[..MaxBytes]),
        _ => null,
    };

    private static int Size(object value) => value switch
    {
        string text => System.Text.Encoding.UTF8.GetByteCount(text),
        ByteString bytes => bytes.Length,
        _ => sizeof(long),
    };
}
