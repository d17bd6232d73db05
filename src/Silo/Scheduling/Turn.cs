namespace Orleans.Runtime;

/// <summary>Something that an activation does: a request, or a timer's call. Waits in its activation's queue until it may start.</summary>
internal abstract class Turn
{
    /// <summary>The next one in the activation's queue.</summary>
    public Turn? Next { get; set; }

    /// <summary>Whether it may start between the awaits of whatever else runs.</summary>
    public abstract bool Interleaves { get; }

    /// <summary>Whether it may run beside others of its kind.</summary>
    public abstract bool IsReadOnly { get; }

    /// <summary>Whether its start and end count as use of the activation.</summary>
    public abstract bool IsUse { get; }

    /// <summary>The call chain that it belongs to, if that chain allowed reentrancy.</summary>
    public virtual Guid ReentrancyId => Guid.Empty;

    /// <summary>Whether nobody waits for it any more, so that it need not start.</summary>
    public virtual bool IsExpired => false;

    /// <summary>Runs it to its end, on the activation's scheduler. Must not throw.</summary>
    public abstract Task RunAsync(Activation activation);

    /// <summary>Called in place of <see cref="RunAsync"/> when the activation ended first.</summary>
    public abstract void OnActivationEnded(Activation activation, Exception? failure);
}
