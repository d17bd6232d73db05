using Fleet.Agent.Actions;
using Fleet.Agent.Guard;
using Fleet.Agent.Journal;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

/// <summary>
/// Every attempt on this host, from command to result: known ones are recognised, the others wait for a free place, expire by
/// this host's clock, pass the guard, are journaled, run, and end with exactly one result. Thread-safe.
/// </summary>
internal sealed partial class RunManager(
    RunLedger ledger, RunSettings settings, IReadOnlyList<IAction> actions, IGuard guard, IToolRunner tools, IRunSink sink, TimeProvider time, ILogger logger)
{
    /// <summary>More waiting attempts are refused: the coordinator's queue is bounded far below this.</summary>
    public const int MaxWaiting = 1000;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromHours(6); // as PolicySpec.timeout
    private static readonly TimeSpan FlushPause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly List<RunCommand> _waiting = [];
    private readonly Dictionary<RunKey, RunningAttempt> _running = [];
    private bool _stopping;

    /// <summary>Attempts that run or wait here now.</summary>
    public IReadOnlyList<RunAttempt> Active
    {
        get
        {
            lock (_gate)
            {
                return [.. _running.Keys.Select(k => new RunAttempt { RunId = k.RunId, Attempt = k.Attempt }), .. _waiting.Select(c => new RunAttempt { RunId = c.RunId, Attempt = c.Attempt })];
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

    /// <summary>True: a run of this policy runs or waits.</summary>
    public bool IsBusy(string policy)
    {
        lock (_gate)
        {
            return _waiting.Exists(c => c.Policy == policy) || _running.Values.Any(r => r.Command.Policy == policy);
        }
    }

    /// <summary>Takes a command. A known attempt is not begun again; when it has ended, its result goes out again.</summary>
    public void Submit(RunCommand command)
    {
        var key = KeyOf(command);
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

            if (_stopping || _waiting.Count >= MaxWaiting)
            {
                // Not begun and not recorded: the coordinator sends it again.
                LogNotTaken(key.RunId, _stopping ? "the agent stops" : "too many runs wait here");
                return;
            }

            _waiting.Add(command);
        }

        StartWaiting();
    }

    /// <summary>Ends a run, whichever attempt of it runs or waits.</summary>
    public void Cancel(string runId, string reason)
    {
        List<RunCommand> waiting;
        lock (_gate)
        {
            waiting = [.. _waiting.Where(c => c.RunId == runId)];
            _waiting.RemoveAll(c => c.RunId == runId);
            foreach (var attempt in _running.Values.Where(r => r.Command.RunId == runId))
            {
                attempt.Log.Say($"cancelled: {LogText.Escape(reason)}");
                attempt.Cancel();
            }
        }

        foreach (var command in waiting)
        {
            End(command, new ActionResult { Outcome = ActionOutcome.Cancelled, Message = $"cancelled before it began: {LogText.Escape(reason)}" });
        }
    }

    /// <summary>Once, before anything is submitted: attempts that a dead agent left without an end were interrupted.</summary>
    public void Recover(RunJournal journal, string bootId)
    {
        foreach (var (started, processes) in journal.Unfinished())
        {
            var key = new RunKey(started.RunId, started.Attempt);
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
                Result = new ActionResult
                {
                    Outcome = ActionOutcome.Interrupted,
                    Message = "the agent or its host went down while it ran",
                    Retryable = true,
                    StartedAt = started.StartedAt,
                    FinishedAt = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
                },
            });
        }
    }

    /// <summary>Every second or so: lets waiting attempts expire and starts what can start.</summary>
    public void Tick()
    {
        List<RunCommand> expired;
        var now = time.GetUtcNow();
        lock (_gate)
        {
            expired = [.. _waiting.Where(c => c.ExpiresAt is { } at && at.ToDateTimeOffset() <= now)];
            _waiting.RemoveAll(expired.Contains);
        }

        foreach (var command in expired)
        {
            End(command, new ActionResult
            {
                Outcome = ActionOutcome.Skipped,
                Message = ledger.StateError is { Length: > 0 } error ? $"it could not start in time: {error}" : "it could not start in time: other runs were ahead of it",
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
                attempt.Cancel();
            }
        }

        await Task.WhenAll(tasks);
    }

    private static RunKey KeyOf(RunCommand command) => new(command.RunId, command.Attempt);

    private void StartWaiting()
    {
        lock (_gate)
        {
            while (!_stopping && _waiting.Count > 0 && _running.Count < settings.MaxConcurrent && ledger.StateError.Length == 0)
            {
                var command = _waiting[0];
                _waiting.RemoveAt(0);
                var attempt = new RunningAttempt(command, new RunLog(command.RunId, command.Attempt, sink, time));
                _running.Add(KeyOf(command), attempt);
                attempt.Completion = Task.Run(() => RunAsync(attempt));
            }
        }
    }

    private async Task RunAsync(RunningAttempt attempt)
    {
        try
        {
            await CarryOutAsync(attempt);
        }
        catch (Exception e)
        {
            // A bug; the run must still have its one result.
            LogBug(attempt.Command.RunId, e);
            End(attempt.Command, ToolOutcome.Failed($"a bug in the agent: {LogText.Escape(e.Message)}"));
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(KeyOf(attempt.Command));
            }

            attempt.Dispose();
            StartWaiting();
        }
    }

    private async Task CarryOutAsync(RunningAttempt attempt)
    {
        var command = attempt.Command;
        var key = KeyOf(command);
        if (command.ExpiresAt is { } at && at.ToDateTimeOffset() <= time.GetUtcNow())
        {
            End(command, new ActionResult { Outcome = ActionOutcome.Skipped, Message = "it reached the host after its time had passed" });
            return;
        }

        var decision = guard.Check(command.Action ?? new Protocol.V1.Action());
        if (!decision.Allowed)
        {
            TellRefused(command, decision.Message, decision.Rule);
            End(command, new ActionResult { Outcome = ActionOutcome.Refused, Message = decision.Message, RefusedBy = decision.Rule });
            return;
        }

        if (actions.FirstOrDefault(a => a.Kind == command.Action!.KindCase) is not { } action)
        {
            End(command, ToolOutcome.Failed("this agent does not know the action: upgrade fleet-agent"));
            return;
        }

        var startedAt = time.GetUtcNow();
        if (!ledger.TryStart(Started(command, startedAt)))
        {
            lock (_gate)
            {
                // Not begun; waits until the state can be written or its time has passed.
                _waiting.Insert(0, command);
            }

            return;
        }

        LogStarted(command.RunId, command.Attempt, command.Policy, command.Traceparent);
        var startedTimestamp = time.GetTimestamp();
        var flushing = FlushAsync(attempt);
        ActionResult result;
        try
        {
            result = await action.RunAsync(Context(attempt, decision), attempt.Token);
        }
        catch (OperationCanceledException) when (attempt.Token.IsCancellationRequested)
        {
            result = new ActionResult { Outcome = ActionOutcome.Cancelled, Message = "cancelled" };
        }
        finally
        {
            attempt.Ended.TrySetResult();
            await flushing;
        }

        if (result.Outcome == ActionOutcome.Cancelled && _stopping)
        {
            (result.Outcome, result.Retryable, result.Message) = (ActionOutcome.Interrupted, true, "the agent was stopped while it ran");
        }

        if (result.Outcome == ActionOutcome.Refused)
        {
            // What is there on the host decided: a dataset below the one that was named, for example.
            TellRefused(command, result.Message, result.RefusedBy);
        }

        result.StartedAt = Timestamp.FromDateTimeOffset(startedAt);
        result.Duration = Duration.FromTimeSpan(time.GetElapsedTime(startedTimestamp));
        result.LogTail.Clear();
        result.LogTail.AddRange(attempt.Log.Tail());
        LogEnded(command.RunId, command.Attempt, command.Policy, result.Outcome, LogText.Escape(result.Message));
        End(command, result);
    }

    private void TellRefused(RunCommand command, string message, string rule)
    {
        LogRefused(command.RunId, command.Policy, message, rule);
        ledger.Notice("guard_refused", message, ("policy", command.Policy), ("rule", rule), ("run_id", command.RunId));
    }

    private ActionContext Context(RunningAttempt attempt, GuardDecision decision) => new()
    {
        RunId = attempt.Command.RunId,
        Attempt = attempt.Command.Attempt,
        HostId = settings.HostId,
        HostName = settings.HostName,
        Policy = attempt.Command.Policy,
        Action = attempt.Command.Action,
        ScheduledAt = attempt.Command.ScheduledAt?.ToDateTimeOffset() ?? time.GetUtcNow(),
        Timeout = attempt.Command.Timeout is { } timeout && timeout.ToTimeSpan() > TimeSpan.Zero ? timeout.ToTimeSpan() : DefaultTimeout,
        Log = attempt.Log,
        Tools = new RunToolRunner(tools, KeyOf(attempt.Command), settings.Priority, ledger),
        Guard = decision,
        Time = time,
    };

    private static RunStarted Started(RunCommand command, DateTimeOffset at) => new()
    {
        RunId = command.RunId,
        Attempt = command.Attempt,
        StartedAt = Timestamp.FromDateTimeOffset(at),
        Policy = command.Policy,
        PolicyRevision = command.PolicyRevision,
        ScheduledAt = command.ScheduledAt,
        Trigger = command.Trigger,
    };

    private void End(RunCommand command, ActionResult result)
    {
        result.FinishedAt = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        ledger.Finish(new RunFinished
        {
            RunId = command.RunId,
            Attempt = command.Attempt,
            Policy = command.Policy,
            PolicyRevision = command.PolicyRevision,
            ScheduledAt = command.ScheduledAt,
            Trigger = command.Trigger,
            Result = result,
        });
    }

    private async Task FlushAsync(RunningAttempt attempt)
    {
        using var timer = new PeriodicTimer(FlushPause, time);
        while (!attempt.Ended.Task.IsCompleted)
        {
            var tick = timer.WaitForNextTickAsync().AsTask();
            if (await Task.WhenAny(tick, attempt.Ended.Task) == tick && !await tick)
            {
                // The clock is gone, and with it every further tick.
                break;
            }

            attempt.Log.Flush();
        }

        attempt.Log.Flush();
    }
}
