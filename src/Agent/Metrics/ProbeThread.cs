using System.Collections.Concurrent;

namespace Fleet.Agent.Metrics;

/// <summary>
/// A thread for questions that can sleep in the kernel, one after the other. When one does not answer, its owner walks away from
/// the whole thread and makes another: a call that sleeps in the kernel cannot be ended, and costs one thread until it returns.
/// </summary>
internal sealed class ProbeThread : IDisposable
{
    private readonly BlockingCollection<Probe> _probes = new(boundedCapacity: 16);

    public ProbeThread(string name) => new Thread(Work, maxStackSize: 128 * 1024) { IsBackground = true, Name = name }.Start();

    /// <summary>Completes when <paramref name="work"/> has returned, or with what it threw.</summary>
    public Task RunAsync(Action work)
    {
        var probe = new Probe(work);
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
                probe.Work();
                probe.Done.TrySetResult();
            }
            catch (Exception e)
            {
                // An exception that leaves a thread ends the process; here it is one collector's failure.
                probe.Done.TrySetException(e);
            }
        }

        _probes.Dispose();
    }

    private sealed record Probe(Action Work)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
