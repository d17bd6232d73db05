namespace Fleet.Agent.Metrics;

/// <summary>
/// One group of metrics, in one file. Runs every few seconds for years: keep buffers and read without allocating. A collector
/// that fails or is slow delays no other; it is not started again while a call of it is still running.
/// </summary>
internal interface ICollector
{
    /// <summary>As in agent.yaml under metrics.collectors: lower case, '-' between words.</summary>
    string Name { get; }

    /// <summary>After this its call counts as failed for this round. agent.yaml can change it.</summary>
    TimeSpan DefaultTimeout { get; }

    /// <summary>
    /// Called before <see cref="CollectAsync"/> of any collector in a round: what has to be asked on another thread is asked here,
    /// so that the answer is there when the others are through.
    /// </summary>
    void Prepare()
    {
    }

    /// <summary>
    /// Writes the current values. The caller's thread is that of all collectors, so it must not block: files of /proc and kernel
    /// memory are read at once; what can sleep in the kernel (a mount, a device, starting a process) is done on another thread and
    /// awaited. An exception is reported as this collector's failure with its message, and what was written before it still counts.
    /// </summary>
    ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken);
}
