using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fleet.Actions.Tests;

/// <summary>Messages of the protocol with a value in every field, the same ones each time. One for each choice of a oneof.</summary>
internal static class WireSamples
{
    /// <summary>Deep enough for each message to show its fields once; what lies deeper has a sample of its own.</summary>
    private const int Depth = 1;

    /// <summary>By name: "fleet.v1.Action", and with the choice where there is one: "fleet.v1.Action zfs_prune".</summary>
    public static IReadOnlyDictionary<string, IMessage> All { get; } = Messages().SelectMany(Of).ToDictionary();

    private static IEnumerable<MessageDescriptor> Messages() =>
        typeof(ActionMessage).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(ActionMessage).Namespace && type.IsAssignableTo(typeof(IMessage)) && type is { IsClass: true, IsNested: false })
            .Select(static type => ((IMessage)Activator.CreateInstance(type)!).Descriptor);

    private static IEnumerable<KeyValuePair<string, IMessage>> Of(MessageDescriptor descriptor)
    {
        var choices = descriptor.RealOneofs().SelectMany(static oneof => oneof.Fields).ToList();
        return choices.Count == 0
            ? [new(descriptor.FullName, Filled(descriptor, null, Depth))]
            : choices.Select(choice => new KeyValuePair<string, IMessage>($"{descriptor.FullName} {choice.Name}", Filled(descriptor, choice, Depth)));
    }

    private static IMessage Filled(MessageDescriptor descriptor, FieldDescriptor? choice, int depth)
    {
        var message = descriptor.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in descriptor.Fields.InFieldNumberOrder())
        {
            var isChosen = field.RealContainingOneof is not { } oneof || field == choice || (choice?.RealContainingOneof != oneof && field == oneof.Fields[0]);
            if (isChosen)
            {
                Fill(message, field, depth);
            }
        }

        return message;
    }

    private static void Fill(IMessage message, FieldDescriptor field, int depth)
    {
        if (field.IsMap)
        {
            var (key, value) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
            if (Value(value, depth) is { } content)
            {
                ((System.Collections.IDictionary)field.Accessor.GetValue(message)).Add(Value(key, depth)!, content);
            }
        }
        else if (Value(field, depth) is not { } value)
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

    private static object? Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Message => depth > 0 ? Filled(field.MessageType, null, depth - 1) : null,
        FieldType.String => $"text {field.FieldNumber}",
        FieldType.Bytes => ByteString.CopyFromUtf8($"/bytes {field.FieldNumber}"),
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

    private static IEnumerable<OneofDescriptor> RealOneofs(this MessageDescriptor descriptor) => descriptor.Oneofs.Take(descriptor.RealOneofCount);
}
