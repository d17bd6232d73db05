namespace Orleans.Runtime;

/// <summary>What all references to grains of one kind, through one interface, have in common.</summary>
public class GrainReferenceShared
{
    internal GrainReferenceShared(References references, GrainType grainType, InterfaceDescriptor? descriptor = null)
    {
        References = references;
        GrainType = grainType;
        Interface = descriptor;
    }

    /// <summary>The kind of grain.</summary>
    public GrainType GrainType { get; }

    /// <summary>The interface.</summary>
    public GrainInterfaceType InterfaceType => Interface?.Id ?? default;

    internal References References { get; }

    internal SiloRuntime Runtime => References.Silo;

    internal InterfaceDescriptor? Interface { get; }
}
