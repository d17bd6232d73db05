using System.Reflection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A call that a grain is about to handle.</summary>
public interface IIncomingGrainCallContext : IGrainCallContext
{
    /// <summary>The activation that handles it.</summary>
    IGrainContext TargetContext { get; }

    /// <summary>The grain class's method.</summary>
    MethodInfo ImplementationMethod { get; }
}
