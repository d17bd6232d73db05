using Orleans.Runtime;

namespace Orleans;

/// <summary>A call that is about to be made.</summary>
public interface IOutgoingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation that makes it; null outside of grains.</summary>
    IGrainContext? SourceContext { get; }
}
