using System.Collections.Concurrent;

namespace Fleet.Agent.Metrics.FileSystems;

/// <summary>
/// A thread that asks one file system after the other. When one does not answer, its owner walks away from the whole thread and
/// makes another: a call that sleeps in the kernel cannot be ended, and costs one thread until it returns.
/// </summary>
internal sealed class ProbeThread : IDisposable
{
    private readonly BlockingCollection<Probe> _probes = new(boundedCapacity: 16);
    private readonly Func<byte[], FileSystemUsage> _read;

    public ProbeThread(Func<byte[], FileSystemUsage> read)
    {
        _read = read;
        new Thread(Work, maxStackSize: 128 * 1024) { IsBackground = true, Name = "statvfs" }.Start();
    }

    public Task<FileSystemUsage> ReadAsync(byte[] path)
    {
        var probe = new Probe(path);
        _probes.Add(probe);
        return probe.Done.Task;
    }

    /// <summary>The thread ends when it has nothing more to do; nobody waits for it.</summary>
    public void Dispose() => _probes.CompleteAdding();

    private void Work()
    {
        foreach (var probe in _probes.GetConsumingEnumerable())
        {
            try
            {
                probe.Done.TrySetResult(_read(probe.Path));
            }
            catch (Exception e)
            {
                // An exception that leaves a thread ends the process; here it is one collector's failure.
                probe.Done.TrySetException(e);
            }
        }

        _probes.Dispose();
    }

    private sealed record Probe(byte[] Path)
    {
        public TaskCompletionSource<FileSystemUsage> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
