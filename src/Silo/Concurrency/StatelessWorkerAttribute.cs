namespace Orleans.Concurrency;

/// <summary>
/// A grain that has several activations at a time: a call goes to an idle one, else to a new one, else to the least busy.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StatelessWorkerAttribute : Attribute
{
    /// <summary>As many activations as the machine has processors.</summary>
    public StatelessWorkerAttribute()
    {
        MaxLocalWorkers = -1;
    }

    /// <summary>At most <paramref name="maxLocalWorkers"/> activations; -1 means the number of processors.</summary>
    public StatelessWorkerAttribute(int maxLocalWorkers)
    {
        MaxLocalWorkers = maxLocalWorkers;
    }

    internal int MaxLocalWorkers { get; }
}
