using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fleet.Testing.Samples;

/// <summary>Messages of the protocol with a value in every field, the same ones each time. One for each choice of a oneof.</summary>
/// <param name="depth">How deep messages lie in each other. Deeper ones are left out.</param>
/// <param name="text">Of a text. Null: each has its own, by the number of its field.</param>
internal sealed class MessageSamples(int depth, string? text = null)
{
    /// <summary>Of all messages, by name: "fleet.v1.Action", and with the choice where there is one: "fleet.v1.Action zfs_prune".</summary>
    public IReadOnlyDictionary<string, IMessage> All() => Messages().SelectMany(Of).ToDictionary();

    /// <summary>One message, with the first choice of each oneof.</summary>
    public T One<T>()
        where T : IMessage<T>, new() => (T)Filled(new T().Descriptor, null, depth);

    /// <summary>One message, with the named choice.</summary>
    public T One<T>(string choice)
        where T : IMessage<T>, new()
    {
        var descriptor = new T().Descriptor;
        return (T)Filled(descriptor, descriptor.FindFieldByName(choice), depth);
    }

    private static IEnumerable<MessageDescriptor> Messages() =>
        typeof(Fleet.Protocol.V1.Action)
            .Assembly.GetTypes()
            .Where(static type =>
                type.Namespace == typeof(Fleet.Protocol.V1.Action).Namespace
                && type.IsAssignableTo(typeof(IMessage))
                && type is { IsClass: true, IsNested: false })
            .Select(static type => ((IMessage)Activator.CreateInstance(type)!).Descriptor);

    private IEnumerable<KeyValuePair<string, IMessage>> Of(MessageDescriptor descriptor)
    {
        var choices = descriptor.Oneofs.Take(descriptor.RealOneofCount).SelectMany(static oneof => oneof.Fields).ToList();
        return choices.Count == 0
            ? [new(descriptor.FullName, Filled(descriptor, null, depth))]
            : choices.Select(choice => new KeyValuePair<string, IMessage>(
                $"{descriptor.FullName} {choice.Name}", Filled(descriptor, choice, depth)));
    }

    private IMessage Filled(MessageDescriptor descriptor, FieldDescriptor? choice, int levels)
    {
        var message = descriptor.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in descriptor.Fields.InFieldNumberOrder())
        {
            var isChosen =
                field.RealContainingOneof is not { } oneof
                || field == choice
                || (choice?.RealContainingOneof != oneof && field == oneof.Fields[0]);
            if (isChosen)
            {
                Fill(message, field, levels);
            }
        }

        return message;
    }

    private void Fill(IMessage message, FieldDescriptor field, int levels)
    {
        if (field.IsMap)
        {
            var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
            if (Value(value, levels) is { } content)
            {
                ((System.Collections.IDictionary)field.Accessor.GetValue(message)).Add(Value(key, levels)!, content);
            }
        }
        else if (Value(field, levels) is not { } value)
        {
            return;
        }
        else if (field.IsRepeated)
        {
            ((System.Collections.IList)field.Accessor.GetValue(message)).Add(value);
        }
        else
        {
            field.Accessor.SetValue(message, value);
        }
    }

    private object? Value(FieldDescriptor field, int levels) => field.FieldType switch
    {
        FieldType.Message => levels > 0 ? Filled(field.MessageType, null, levels - 1) : null,
        FieldType.String => text ?? $"text {field.FieldNumber}",
        FieldType.Bytes => ByteString.CopyFromUtf8(text ?? $"/bytes {field.FieldNumber}"),
        FieldType.Bool => true,
        FieldType.Double => field.FieldNumber + 0.5,
        FieldType.Float => field.FieldNumber + 0.5f,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => field.FieldNumber,
        FieldType.UInt32 or FieldType.Fixed32 => (uint)field.FieldNumber,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (long)field.FieldNumber,
        FieldType.UInt64 or FieldType.Fixed64 => (ulong)field.FieldNumber,
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number),
        _ => throw new NotSupportedException(field.FullName),
    };
}
