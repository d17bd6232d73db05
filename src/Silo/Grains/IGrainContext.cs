namespace Orleans.Runtime;

/// <summary>One activation of a grain.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    /// <summary>A reference to the grain, to give to others.</summary>
    GrainReference GrainReference { get; }

    /// <summary>Which grain.</summary>
    GrainId GrainId { get; }

    /// <summary>The grain's object; null until it was constructed.</summary>
    object? GrainInstance { get; }

    /// <summary>The services of this activation's scope.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>What takes part in the activation's beginning and end.</summary>
    IGrainLifecycle ObservableLifecycle { get; }

    /// <summary>Complete when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Ends the activation after the requests that are running; later ones go to a new activation.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
