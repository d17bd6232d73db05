namespace Orleans.Runtime;

/// <summary>What requests for one grain are given to.</summary>
internal interface IRequestTarget
{
    /// <summary>Takes a request, to run it now or later.</summary>
    /// <returns>False if this target is over, and the grain must be looked up again.</returns>
    bool TryReceive(GrainRequest request);

    /// <summary>The activations behind it.</summary>
    IEnumerable<Activation> Activations { get; }
}
