using Fleet.Agent.Actions;
using Fleet.Agent.Edge;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Journal;
using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

/// <summary>
/// Every attempt on this host, from command to result: known ones are recognised, the others wait for a free place, expire by
/// this host's clock, pass the guard, are journaled, run, and end with exactly one result. Thread-safe.
/// </summary>
internal sealed partial class RunManager(
    RunLedger ledger, RunSettings settings, IReadOnlyList<IAction> actions, IGuard guard, IToolRunner tools, IRunSink sink,
    TimeProvider time, CoordinatorClock clock, ILogger logger)
{
    /// <summary>More waiting attempts are refused: the coordinator's queue is bounded far below this.</summary>
    public const int MaxWaiting = 1000;

    private readonly RunExecution _execution = new(ledger, settings, actions, guard, tools, time, clock, logger);
    private readonly LogRate _rate = new(time);
    private readonly Lock _gate = new();
    private readonly List<RunOrder> _waiting = [];
    private readonly Dictionary<RunKey, RunningAttempt> _running = [];
    private bool _stopping;

    /// <summary>An attempt has ended, and its result is recorded. Must only hand on.</summary>
    public event Action<RunHead>? Ended;

    /// <summary>
    /// An attempt has to wait: <see cref="Tick"/> is wanted every second or so for as long as <see cref="AnyWaits"/>. Must only hand on.
    /// </summary>
    public event System.Action? Waits;

    /// <summary>An attempt waits for a free place, or for the state to be writable.</summary>
    public bool AnyWaits
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Attempts that run or wait here now.</summary>
    public IReadOnlyList<RunAttempt> Active
    {
        get
        {
            lock (_gate)
            {
                return [.. _running.Keys.Select(k => new RunAttempt { RunId = k.RunId, Attempt = k.Attempt }), .. _waiting.Select(
                    c => new RunAttempt { RunId = c.RunId, Attempt = c.Attempt })];
            }
        }
    }

    /// <summary>How many run now.</summary>
    public int RunningCount
    {
        get
        {
            lock (_gate)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>True if a run of this policy runs or waits.</summary>
    public bool IsBusy(string policy)
    {
        lock (_gate)
        {
            return _waiting.Exists(c => c.Policy == policy) || _running.Values.Any(r => r.Order.Policy == policy);
        }
    }

    /// <summary>Takes an order. A known attempt is not begun again; when it has ended, its result goes out again.</summary>
    public void Submit(RunOrder order)
    {
        var key = KeyOf(order);
        var lost = false;
        lock (_gate)
        {
            if (_running.ContainsKey(key) || _waiting.Exists(c => KeyOf(c) == key))
            {
                return;
            }

            if (ledger.Knows(key))
            {
                ledger.Deliver(key);
                return;
            }

            if (order.BeganBefore)
            {
                lost = true;
            }
            else if (_stopping || _waiting.Count >= MaxWaiting)
            {
                // Not begun and not recorded: the coordinator sends it again.
                LogNotTaken(key.RunId, _stopping ? "the agent is stopping" : "too many runs are waiting here");
                return;
            }
            else
            {
                _waiting.Add(order);
            }
        }

        if (lost)
        {
            // It began here once, and its outcome is no longer known. Begun again it might run twice: that is for the retries to
            // decide.
            End(order, new ActionResult
            {
                Outcome = ActionOutcome.Interrupted,
                Message = "the result is lost: this attempt had begun, and this host has no record of its end",
                Retryable = true,
            });
            return;
        }

        StartOrWait();
    }

    /// <summary>Ends an attempt that cannot be carried out as it was asked for.</summary>
    public void Refuse(RefusedOrder order)
    {
        var key = KeyOf(order);
        lock (_gate)
        {
            if (_running.ContainsKey(key) || _waiting.Exists(c => KeyOf(c) == key))
            {
                return;
            }

            if (ledger.Knows(key))
            {
                ledger.Deliver(key);
                return;
            }
        }

        LogRefused(key.RunId, order.Problem);
        End(order, ToolOutcome.Failed($"the coordinator's order cannot be carried out: {order.Problem}"));
    }

    /// <summary>Ends a run, whichever attempt of it runs or waits.</summary>
    public void Cancel(RunId runId, string reason)
    {
        List<RunOrder> waiting;
        lock (_gate)
        {
            waiting = [.. _waiting.Where(c => c.RunId == runId)];
            _waiting.RemoveAll(c => c.RunId == runId);
            foreach (var attempt in _running.Values.Where(r => r.Order.RunId == runId))
            {
                attempt.Log.Say($"cancelled: {LogText.Escape(reason)}");
                attempt.Cancel();
            }
        }

        foreach (var order in waiting)
        {
            End(order,
                new ActionResult { Outcome = ActionOutcome.Cancelled, Message = $"cancelled before it started: {LogText.Escape(reason)}" });
        }
    }

    /// <summary>Once, before anything is submitted: attempts that a dead agent left without an end were interrupted.</summary>
    public void Recover(RunJournal journal, string bootId)
    {
        foreach (var (key, started, processes) in journal.Unfinished())
        {
            var ended = LeftoverProcesses.End(key, processes, bootId);
            LogInterrupted(key.RunId, key.Attempt, ended);
            ledger.Finish(new RunFinished
            {
                RunId = started.RunId,
                Attempt = started.Attempt,
                Policy = started.Policy,
                PolicyRevision = started.PolicyRevision,
                ScheduledAt = started.ScheduledAt,
                Trigger = started.Trigger,
                Action = started.Action,
                Result = new ActionResult
                {
                    Outcome = ActionOutcome.Interrupted,
                    Message = "the agent or its host went down during the run",
                    Retryable = true,
                    StartedAt = started.StartedAt,
                    FinishedAt = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
                },
            });
        }
    }

    /// <summary>
    /// Every second or so while <see cref="AnyWaits"/>, and when settings have changed: lets waiting attempts expire and starts what can
    /// start.
    /// </summary>
    public void Tick()
    {
        List<RunOrder> expired;
        var now = time.GetUtcNow();
        lock (_gate)
        {
            expired = [.. _waiting.Where(c => c.ExpiresAt <= now)];
            _waiting.RemoveAll(expired.Contains);
        }

        foreach (var order in expired)
        {
            End(order, new ActionResult
            {
                Outcome = ActionOutcome.Skipped,
                Message = ledger.StateError is { Length: > 0 } error
                    ? $"the run could not start in time: {error}"
                    : "the run could not start in time: other runs were ahead of it",
            });
        }

        StartWaiting();
    }

    /// <summary>Ends every running attempt and waits for its result, which is INTERRUPTED.</summary>
    public async Task StopAsync()
    {
        Task[] tasks;
        lock (_gate)
        {
            _stopping = true;
            _waiting.Clear();
            tasks = [.. _running.Values.Select(r => r.Completion)];
            foreach (var attempt in _running.Values)
            {
                attempt.AgentStops = true;
                attempt.Cancel();
            }
        }

        await Task.WhenAll(tasks);
    }

    private string NameOf(RunHead run) =>
        run is RunOrder order ? actions.FirstOrDefault(a => a.Kind == order.Action.KindCase)?.Name ?? "" : "";

    private static RunKey KeyOf(RunHead run) => new(run.RunId, run.Attempt);

    private void StartWaiting()
    {
        lock (_gate)
        {
            while (!_stopping && _waiting.Count > 0 && _running.Count < settings.MaxConcurrent && ledger.StateError.Length == 0)
            {
                var order = _waiting[0];
                _waiting.RemoveAt(0);
                var attempt = new RunningAttempt(order, new RunLog(order.RunId, order.Attempt, sink, _rate, time));
                _running.Add(KeyOf(order), attempt);
                attempt.Completion = Task.Run(() => RunAsync(attempt));
            }
        }
    }

    private void StartOrWait()
    {
        StartWaiting();
        if (AnyWaits)
        {
            Waits?.Invoke();
        }
    }

    private async Task RunAsync(RunningAttempt attempt)
    {
        try
        {
            if (await _execution.RunAsync(attempt) is { } result)
            {
                End(attempt.Order, result);
                return;
            }

            lock (_gate)
            {
                // Not begun; waits until the state can be written or its time has passed.
                _waiting.Insert(0, attempt.Order);
            }
        }
        catch (Exception e)
        {
            // A bug; the run must still have its one result.
            LogBug(attempt.Order.RunId, e);
            End(attempt.Order, ToolOutcome.Failed($"a bug in the agent: {LogText.Escape(e.Message)}"));
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(KeyOf(attempt.Order));
            }

            attempt.Dispose();
            StartOrWait();
        }
    }

    private void End(RunHead run, ActionResult result)
    {
        result.FinishedAt = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        ledger.Finish(run.Finished(result, NameOf(run)));
        Ended?.Invoke(run);
    }
}
