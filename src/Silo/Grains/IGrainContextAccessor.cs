namespace Orleans.Runtime;

/// <summary>Tells code which activation it runs in.</summary>
public interface IGrainContextAccessor
{
    /// <summary>The activation whose turn this is; null outside of grains.</summary>
    IGrainContext GrainContext { get; }
}
