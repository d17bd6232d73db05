using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Serialization;

namespace Orleans.Copying;

/// <summary>One field that goes along when its object crosses a call.</summary>
/// <param name="Field">The field, or the one behind an automatic property.</param>
/// <param name="Name">As the source code names it.</param>
/// <param name="IsShared">Whether its value is promised never to change.</param>
internal sealed record CopiedMember(FieldInfo Field, string Name, bool IsShared)
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Every field of a type that needs no marks.</summary>
    public static CopiedMember[] AllOf(Type type) => [.. type.GetFields(Own).Select(f => new CopiedMember(f, f.Name, false))];

    /// <summary>The marked members of a type and its base types.</summary>
    /// <exception cref="CodecNotFoundException">A member has no mark, or a mark is used twice, or a base type has none.</exception>
    public static CopiedMember[] Declared(Type type)
    {
        var members = new List<CopiedMember>();
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            if (level.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is not { } mark)
            {
                throw new CodecNotFoundException($"{type} derives from {level}, which is not marked with [GenerateSerializer].");
            }

            for (var outer = level; outer is not null; outer = outer.DeclaringType)
            {
                if (outer.IsNestedPrivate || outer.IsNestedFamily || outer.IsNestedFamANDAssem)
                {
                    throw new CodecNotFoundException($"{type} is private: Orleans' generated code could not get at it. Make it internal or public.");
                }
            }

            members.AddRange(OfLevel(level, mark));
        }

        return [.. members];
    }

    private static IEnumerable<CopiedMember> OfLevel(Type type, GenerateSerializerAttribute mark)
    {
        var parameters = PrimaryConstructorParameters(type);
        var ids = new HashSet<uint>();
        if (type.GetProperties(Own).FirstOrDefault(p => p.IsDefined(typeof(IdAttribute), inherit: false) && !IsAutomatic(type, p)) is { } computed)
        {
            throw new CodecNotFoundException($"{type}.{computed.Name} has an [Id(…)] and keeps nothing itself: put the [Id(…)] on the field behind it.");
        }

        foreach (var field in type.GetFields(Own))
        {
            if (field.IsDefined(typeof(NonSerializedAttribute)))
            {
                continue;
            }

            var name = SourceName(field.Name);
            var property = name == field.Name ? null : type.GetProperty(name, Own);
            var id = property?.GetCustomAttribute<IdAttribute>(inherit: false) ?? field.GetCustomAttribute<IdAttribute>(inherit: false);
            var isParameter = parameters.Contains(name);
            var isAutomatic = mark.GenerateFieldIds == GenerateFieldIds.PublicProperties && property?.GetMethod?.IsPublic == true;
            if (id is null && !isParameter && !isAutomatic)
            {
                throw new CodecNotFoundException(
                    $"{type}.{name} has no [Id(…)], so it would not be carried: give it one, or say [NonSerialized] (Orleans' rule ORLEANS0004).");
            }

            if (id is not null && !isParameter && !ids.Add(id.Id))
            {
                throw new CodecNotFoundException($"{type}.{name} has an [Id({id.Id})] that another member has too.");
            }

            var isShared = field.IsDefined(typeof(ImmutableAttribute)) || property?.IsDefined(typeof(ImmutableAttribute)) == true;
            yield return new CopiedMember(field, name, isShared);
        }
    }

    /// <summary>
    /// The names of the parameters that count as members by themselves: a record's, unless it says otherwise, and a class's if it
    /// says so. The compiler gives a record with parameters a Deconstruct method with the same ones.
    /// </summary>
    private static HashSet<string> PrimaryConstructorParameters(Type type)
    {
        var stated = type.GetCustomAttributesData()
            .First(a => a.AttributeType == typeof(GenerateSerializerAttribute))
            .NamedArguments
            .FirstOrDefault(a => a.MemberName == nameof(GenerateSerializerAttribute.IncludePrimaryConstructorParameters));
        var included = stated.MemberInfo is null ? (bool?)null : (bool)stated.TypedValue.Value!;
        var isRecord = type.GetMethod("<Clone>$", Own) is not null
            || (type.IsValueType && type.GetMethod("PrintMembers", Own)?.IsDefined(typeof(CompilerGeneratedAttribute)) == true);
        if (included == false || (included is null && !isRecord))
        {
            return [];
        }

        if (!isRecord)
        {
            // What a class's methods use of its primary constructor is kept in fields named "<parameter>P".
            return [.. type.GetFields(Own).Where(f => f.Name.EndsWith(">P", StringComparison.Ordinal)).Select(f => SourceName(f.Name))];
        }

        return [.. type.GetMethods(Own)
            .Where(m => m.Name == "Deconstruct" && m.IsDefined(typeof(CompilerGeneratedAttribute)))
            .SelectMany(m => m.GetParameters())
            .Select(p => p.Name!)];
    }

    private static bool IsAutomatic(Type type, PropertyInfo property) => type.GetField($"<{property.Name}>k__BackingField", Own) is not null;

    private static string SourceName(string fieldName)
    {
        var end = fieldName.StartsWith('<') ? fieldName.IndexOf('>', StringComparison.Ordinal) : -1;
        return end > 1 ? fieldName[1..end] : fieldName;
    }
}
