using Fleet.Agent.Metrics;
using Fleet.Agent.Outbox;
using Fleet.Agent.Runs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Connection;

/// <summary>
/// What waits to be sent and is not in the outbox, bounded, in order of importance: answers and heartbeats, progress, log
/// lines, metrics, the stock of ZFS and LVM. Of what need not arrive the oldest is dropped. Thread-safe.
/// </summary>
internal sealed class SendQueue(MetricBacklog backlog, SeriesTable table) : IRunSink
{
    private const int MaxControl = 256;
    private const int MaxLogs = 256;
    private const int MaxProgress = 64;
    private const int MaxCollections = 8;

    private readonly Lock _gate = new();
    private readonly Queue<AgentMessage> _control = [];
    private readonly Dictionary<string, RunProgressUpdate> _progress = [];
    private readonly Queue<RunLogLines> _logs = [];
    private readonly Queue<Collection> _collections = [];
    private Queue<StorageReport> _storage = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _open;

    /// <summary>Completes when something is put in after this call.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>There is a session.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _open;
            }
        }
    }

    /// <summary>A session begins.</summary>
    public void Open()
    {
        lock (_gate)
        {
            Clear();
            _open = true;
        }
    }

    /// <summary>The session is over: what is live goes, metrics are kept on disk from now on.</summary>
    public void Close()
    {
        List<Collection> left;
        lock (_gate)
        {
            _open = false;
            left = [.. _collections];
            Clear();
        }

        left.ForEach(Keep);
    }

    /// <summary>False if the peer asks for more than it reads.</summary>
    public bool TryAdd(AgentMessage message)
    {
        lock (_gate)
        {
            if (!_open || _control.Count >= MaxControl)
            {
                return false;
            }

            _control.Enqueue(message);
        }

        Signal();
        return true;
    }

    public void Show(RunProgressUpdate progress)
    {
        lock (_gate)
        {
            if (!_open || (_progress.Count >= MaxProgress && !_progress.ContainsKey(progress.RunId)))
            {
                return;
            }

            _progress[progress.RunId] = progress;
        }

        Signal();
    }

    public void Show(RunLogLines lines)
    {
        lock (_gate)
        {
            if (!_open)
            {
                return;
            }

            _logs.Enqueue(lines);
            if (_logs.Count > MaxLogs)
            {
                _logs.Dequeue();
            }
        }

        Signal();
    }

    /// <summary>A round of metrics: sent live, or kept on disk while there is no session.</summary>
    public void Add(Collection collection)
    {
        var dropped = 0;
        lock (_gate)
        {
            if (_open)
            {
                _collections.Enqueue(collection);
                while (_collections.Count > MaxCollections)
                {
                    _collections.Dequeue();
                    dropped++;
                }
            }
            else
            {
                dropped = -1;
            }
        }

        if (dropped < 0)
        {
            Keep(collection);
            return;
        }

        backlog.CountDropped(dropped);
        Signal();
    }

    /// <summary>The parts of a report. What is left of an older one is dropped.</summary>
    /// <returns>False if there is no session.</returns>
    public bool TryReport(IReadOnlyList<StorageReport> parts)
    {
        lock (_gate)
        {
            if (!_open)
            {
                return false;
            }

            _storage = new Queue<StorageReport>(parts);
        }

        Signal();
        return true;
    }

    /// <summary>The most important control message. Null if none waits.</summary>
    public AgentMessage? NextControl()
    {
        lock (_gate)
        {
            return _control.TryDequeue(out var message) ? message : null;
        }
    }

    /// <summary>The most important live message. Null if none waits.</summary>
    /// <param name="defined">Series that this session knows already.</param>
    public AgentMessage? NextLive(HashSet<uint> defined)
    {
        Collection? collection;
        lock (_gate)
        {
            if (_progress.Count > 0)
            {
                var (runId, progress) = _progress.First();
                _progress.Remove(runId);
                return new AgentMessage { Progress = progress };
            }

            if (_logs.TryDequeue(out var lines))
            {
                return new AgentMessage { Log = lines };
            }

            if (!_collections.TryDequeue(out collection))
            {
                return _storage.TryDequeue(out var part) ? new AgentMessage { Storage = part } : null;
            }
        }

        var batch = collection.ToBatch(table, defined);
        batch.DroppedBatches = backlog.TakeDropped();
        return new AgentMessage { Metrics = batch };
    }

    /// <summary>Wakes who waits for <see cref="Changed"/>.</summary>
    public void Signal()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    private void Keep(Collection collection) => backlog.Add(collection.ToBatch(table, defined: null));

    private void Clear()
    {
        _control.Clear();
        _progress.Clear();
        _logs.Clear();
        _collections.Clear();
        _storage.Clear();
    }
}
