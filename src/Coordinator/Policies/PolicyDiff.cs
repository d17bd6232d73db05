using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Policies;

/// <summary>Finds the fields of a spec that differ, by their paths in proto names. Pure.</summary>
internal static class PolicyDiff
{
    /// <param name="before">Null if there was none; then every field that is set is returned.</param>
    public static IReadOnlyList<FieldChange> Between(PolicySpec? before, PolicySpec after)
    {
        var old = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var now = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (before is not null)
        {
            Flatten(before, "", old);
        }

        Flatten(after, "", now);
        return
        [
            .. old.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
                .Select(field => new FieldChange
                {
                    Field = field,
                    Before = old.GetValueOrDefault(field, ""),
                    After = now.GetValueOrDefault(field, ""),
                })
                .Where(change => change.Before != change.After),
        ];
    }

    private static void Flatten(IMessage message, string prefix, SortedDictionary<string, string> into)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var path = prefix + field.Name;
            var value = field.Accessor.GetValue(message);
            if (field.IsMap)
            {
                foreach (System.Collections.DictionaryEntry entry in (System.Collections.IDictionary)value)
                {
                    into[$"{path}[\"{entry.Key}\"]"] = Text(field, entry.Value);
                }
            }
            else if (field.IsRepeated)
            {
                var index = 0;
                foreach (var item in (System.Collections.IList)value)
                {
                    into[$"{path}[{index++}]"] = Text(field, item);
                }
            }
            else if (field.FieldType == FieldType.Message)
            {
                if (value is Duration duration)
                {
                    into[path] = duration.ToTimeSpan().ToString("c");
                }
                else if (value is IMessage nested)
                {
                    Flatten(nested, path + ".", into);
                }
            }
            else if (!IsDefault(value))
            {
                into[path] = Text(field, value);
            }
        }
    }

    private static bool IsDefault(object value) => value switch
    {
        string text => text.Length == 0,
        ByteString bytes => bytes.IsEmpty,
        bool flag => !flag,
        int number => number == 0,
        long number => number == 0,
        System.Enum constant => Convert.ToInt32(constant, System.Globalization.CultureInfo.InvariantCulture) == 0,
        _ => false,
    };

    private static string Text(FieldDescriptor field, object? value) => value switch
    {
        null => "",
        ByteString bytes => bytes.ToStringUtf8(),
        bool flag => flag ? "true" : "false",
        System.Enum constant => field.EnumType?.FindValueByNumber(
            Convert.ToInt32(constant, System.Globalization.CultureInfo.InvariantCulture))?.Name ?? constant.ToString(),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };
}
