namespace Orleans;

/// <summary>
/// Says that instances of a type may cross a grain call. Every instance field and automatic property then needs an
/// <see cref="IdAttribute"/> or <c>[NonSerialized]</c>; a record's primary constructor parameters need none.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute
{
    /// <summary>Whether ids are given automatically to public properties.</summary>
    public GenerateFieldIds GenerateFieldIds { get; init; }

    /// <summary>
    /// Whether primary constructor parameters are members without an <see cref="IdAttribute"/>. Unset means: in records only.
    /// </summary>
    public bool IncludePrimaryConstructorParameters { get; init; }
}
