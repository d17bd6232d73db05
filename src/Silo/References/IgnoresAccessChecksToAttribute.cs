namespace System.Runtime.CompilerServices;

/// <summary>The runtime knows this attribute by its name: an assembly that carries it may use the internals of the named one.</summary>
/// <param name="assemblyName">The other assembly's simple name.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
[ComponentModel.EditorBrowsable(ComponentModel.EditorBrowsableState.Never)]
public sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    /// <summary>The other assembly's simple name.</summary>
    public string AssemblyName { get; } = assemblyName;
}
