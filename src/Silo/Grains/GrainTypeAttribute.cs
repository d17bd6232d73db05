namespace Orleans;

/// <summary>Names a grain class, in place of its own name in lower case without "Grain".</summary>
/// <param name="grainType">The name: part of every identity, so it must never change once something was stored under it.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    internal string Name { get; } = grainType;
}
