using Fleet.Agent.Journal;
using Fleet.Agent.Logging;
using Fleet.Agent.Outbox;
using Fleet.Agent.Storage;
using Fleet.Agent.Tools;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

/// <summary>
/// What is durable about runs: journal and outbox together, and what happens when the disk is full. Then no run starts, metrics
/// go first, results take the space that was reserved for them, and what still does not fit waits in memory. Thread-safe.
/// </summary>
internal sealed partial class RunLedger(
    RunJournal journal, ResultOutbox outbox, MetricBacklog metrics, DiskReserve reserve, Func<long> maxOutboxBytes, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Queue<RunFinished> _unwritten = [];
    private readonly Queue<OutboxEntry> _unsent = [];
    private string _error = "";

    /// <summary>
    /// Something could not be written: <see cref="Retry"/> is wanted every second or so for as long as <see cref="WantsRetry"/>. Must only
    /// hand on.
    /// </summary>
    public event System.Action? Failed;

    /// <summary>There is something that could not be written, or no reserve.</summary>
    public bool WantsRetry
    {
        get
        {
            lock (_gate)
            {
                return _unwritten.Count > 0 || _unsent.Count > 0 || _error.Length > 0 || !reserve.Held;
            }
        }
    }

    /// <summary>Why no run can start. Empty if they can.</summary>
    public string StateError
    {
        get
        {
            lock (_gate)
            {
                return _error.Length > 0
                    ? _error
                    : outbox.WaitingBytes > maxOutboxBytes() * 3 / 4
                        ? "the outbox is full of results that the coordinator has not acknowledged"
                        : "";
            }
        }
    }

    /// <summary>The journal has the result of an attempt. Must only hand on.</summary>
    public event Action<RunKey>? Recorded;

    /// <summary>True if the attempt began or ended here; it must not begin again.</summary>
    public bool Knows(RunKey key)
    {
        lock (_gate)
        {
            return journal.Knows(key) || _unwritten.Any(f => KeyOf(f) == key);
        }
    }

    /// <summary>An attempt is about to begin. False if that could not be written, so it must not.</summary>
    public bool TryStart(RunStarted started)
    {
        lock (_gate)
        {
            if (StateError.Length > 0)
            {
                return false;
            }

            try
            {
                journal.Start(started);
            }
            catch (IOException e)
            {
                Fail(e);
                return false;
            }

            AddToOutbox(new OutboxEntry { RunStarted = started });
            return true;
        }
    }

    /// <summary>A process runs for an attempt.</summary>
    public void AddProcess(RunKey key, StartedProcess process)
    {
        try
        {
            journal.AddProcess(key, process);
        }
        catch (IOException e)
        {
            lock (_gate)
            {
                Fail(e);
            }
        }
    }

    /// <summary>An attempt ended. Its result is on disk when this returns, or in memory until there is room.</summary>
    public void Finish(RunFinished finished)
    {
        lock (_gate)
        {
            if (!TryWrite(finished) && !(MakeRoom() && TryWrite(finished)))
            {
                _unwritten.Enqueue(finished);
            }
        }
    }

    /// <summary>Something that operators should know of this agent. Not worth the space that results need.</summary>
    public void Notice(string code, string message, params ReadOnlySpan<(string Key, string Value)> attributes)
    {
        var notice = new AgentNotice { Code = code, Message = message };
        foreach (var (key, value) in attributes)
        {
            notice.Attributes[key] = value;
        }

        lock (_gate)
        {
            if (StateError.Length == 0 && outbox.WaitingBytes < maxOutboxBytes() / 2)
            {
                AddToOutbox(new OutboxEntry { Notice = notice });
            }
        }
    }

    /// <summary>The coordinator asks for a result that it has lost, or never got.</summary>
    public void Deliver(RunKey key)
    {
        lock (_gate)
        {
            if (!outbox.Holds(key) && journal.Result(key) is { } finished)
            {
                AddToOutbox(new OutboxEntry { RunFinished = finished });
            }
        }
    }

    /// <summary>Once at the start: results that a crash kept from the outbox go there now.</summary>
    public void Reconcile()
    {
        lock (_gate)
        {
            reserve.Take();
            foreach (var finished in journal.Undelivered())
            {
                var key = KeyOf(finished);
                if (!outbox.Holds(key))
                {
                    AddToOutbox(new OutboxEntry { RunFinished = finished });
                }

                TryMarkDelivered(key);
            }
        }
    }

    /// <summary>Every second or so while <see cref="WantsRetry"/>: writes what could not be written, and takes the reserve again.</summary>
    public void Retry()
    {
        lock (_gate)
        {
            while (_unwritten.TryPeek(out var finished) && TryWrite(finished))
            {
                _unwritten.Dequeue();
            }

            while (_unsent.TryPeek(out var entry) && TryAdd(entry))
            {
                _unsent.Dequeue();
            }

            if (_unwritten.Count == 0 && _unsent.Count == 0)
            {
                reserve.Take();
                if (!reserve.Held && _error.Length == 0)
                {
                    _error = "the disk is full: there is no room for the results of runs";
                    LogStateError(_error);
                }
                else if (reserve.Held && _error.Length > 0 && reserve.HasRoom())
                {
                    _error = "";
                    LogStateGood();
                }
            }
        }
    }

    /// <summary>What is recorded here was made here, or passed the checks of the journal.</summary>
    private static RunKey KeyOf(RunFinished finished) => new(RunId.Parse(finished.RunId), finished.Attempt);

    private bool TryWrite(RunFinished finished)
    {
        try
        {
            journal.Finish(finished);
        }
        catch (IOException e)
        {
            Fail(e);
            return false;
        }

        var key = KeyOf(finished);
        AddToOutbox(new OutboxEntry { RunFinished = finished });
        TryMarkDelivered(key);
        Recorded?.Invoke(key);
        return true;
    }

    private void AddToOutbox(OutboxEntry entry)
    {
        if (_unsent.Count > 0 || (!TryAdd(entry) && !(MakeRoom() && TryAdd(entry))))
        {
            _unsent.Enqueue(entry);
        }
    }

    private bool TryAdd(OutboxEntry entry)
    {
        try
        {
            outbox.Add(entry);
            return true;
        }
        catch (IOException e)
        {
            Fail(e);
            return false;
        }
    }

    private void TryMarkDelivered(RunKey key)
    {
        try
        {
            journal.MarkDelivered(key);
        }
        catch (IOException e)
        {
            Fail(e);
        }
    }

    private bool MakeRoom()
    {
        metrics.DropAll();
        return reserve.Release();
    }

    private void Fail(IOException e)
    {
        if (_error.Length == 0)
        {
            LogStateError(e.Message);
        }

        // Not for each failure: those of a retry would ask for the next one at once.
        var isNew = _error.Length == 0;
        _error = $"the agent cannot write its state: {LogText.Escape(e.Message)}";
        if (isNew)
        {
            Failed?.Invoke();
        }
    }
}
