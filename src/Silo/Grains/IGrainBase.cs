using Orleans.Runtime;

namespace Orleans;

/// <summary>A grain, as the silo sees it. Most grains derive from <see cref="Grain"/> and get this with it.</summary>
public interface IGrainBase
{
    /// <summary>The activation that this instance belongs to.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Called before the first request is handled. Throwing fails the activation and every request that waits for it.</summary>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Called after the last request was handled; not called when the process dies.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}
