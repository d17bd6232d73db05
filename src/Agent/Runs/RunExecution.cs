using Fleet.Agent.Actions;
using Fleet.Agent.Edge;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Journal;
using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

/// <summary>One attempt that has a place: asks the guard, journals it, carries the action out and brings its log along.</summary>
internal sealed partial class RunExecution(
    RunLedger ledger, RunSettings settings, IReadOnlyList<IAction> actions, IGuard guard, IToolRunner tools, TimeProvider time,
    CoordinatorClock clock, ILogger logger)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromHours(6); // as PolicySpec.timeout
    private static readonly TimeSpan FlushPause = TimeSpan.FromMilliseconds(250);

    private readonly GuardDeadline _guard = new(guard, time);

    /// <summary>Its result. Null if it was not begun, because this host's state cannot be written now.</summary>
    public async Task<ActionResult?> RunAsync(RunningAttempt attempt)
    {
        var order = attempt.Order;
        if (order.ExpiresAt <= time.GetUtcNow())
        {
            return new ActionResult { Outcome = ActionOutcome.Skipped, Message = TooLate() };
        }

        attempt.Log.Phases.Begin("asking the guard");
        GuardDecision asked;
        try
        {
            asked = await _guard.CheckAsync(order.Action, attempt.Token);
        }
        catch (IOException e)
        {
            // Another attempt may find the file system well again.
            return ToolOutcome.Failed(e.Message, retryable: true);
        }
        catch (OperationCanceledException)
        {
            return attempt.AgentStops
                ? new ActionResult
                {
                    Outcome = ActionOutcome.Interrupted,
                    Retryable = true,
                    Message = "the agent was stopped before the run started"
                }
                : new ActionResult { Outcome = ActionOutcome.Cancelled, Message = "cancelled before it started" };
        }

        using var decision = asked;
        if (!decision.Allowed)
        {
            var refused = ToolOutcome.Refused(decision);
            refused.Phases.AddRange(attempt.Log.Phases.End());
            TellRefused(order, refused);
            return refused;
        }

        if (actions.FirstOrDefault(a => a.Kind == order.Action.KindCase) is not { } action)
        {
            return ToolOutcome.Failed("this agent does not know the action: upgrade fleet-agent");
        }

        var startedAt = time.GetUtcNow();
        if (!ledger.TryStart(order.Started(startedAt, action.Name)))
        {
            return null;
        }

        LogStarted(order.RunId, order.Attempt, What(order), order.Traceparent);
        var startedTimestamp = time.GetTimestamp();
        attempt.Log.Phases.Begin("running");
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

        if (result.Outcome == ActionOutcome.Cancelled && attempt.AgentStops)
        {
            (result.Outcome, result.Retryable, result.Message) = (ActionOutcome.Interrupted, true, "the agent was stopped during the run");
        }

        if (result.Outcome == ActionOutcome.Refused)
        {
            // What is there on the host decided: a dataset below the one that was named, for example.
            TellRefused(order, result);
        }

        result.StartedAt = Timestamp.FromDateTimeOffset(startedAt);
        result.Duration = Duration.FromTimeSpan(time.GetElapsedTime(startedTimestamp));
        result.Phases.AddRange(attempt.Log.Phases.End());
        result.LogTail.Clear();
        result.LogTail.AddRange(attempt.Log.Tail());
        LogEnded(order.RunId, order.Attempt, What(order), result.Outcome, LogText.Escape(result.Message));
        return result;
    }

    /// <summary>Where the clocks differ, the run may have been on time.</summary>
    private string TooLate() => $"the run reached the host after its time had passed{(clock.Explain() is { } why ? $"; {why}" : "")}";

    private void TellRefused(RunOrder order, ActionResult result)
    {
        LogRefused(order.RunId, What(order), result.Message, result.RefusedBy);
        var code = result.RefusalSource == RefusalSource.SafetyRule ? "safety_refused" : "guard_refused";
        ledger.Notice(code, result.Message, ("policy", order.Policy), ("rule", result.RefusedBy), ("run_id", order.RunId));
    }

    private ActionContext Context(RunningAttempt attempt, GuardDecision decision) => new()
    {
        RunId = attempt.Order.RunId,
        Attempt = attempt.Order.Attempt,
        HostId = settings.HostId,
        HostName = settings.HostName,
        FleetId = settings.FleetId,
        Policy = attempt.Order.Policy,
        Action = attempt.Order.Action,
        ScheduledAt = attempt.Order.ScheduledAt ?? time.GetUtcNow(),
        Timeout = attempt.Order.Timeout ?? DefaultTimeout,
        Log = attempt.Log,
        Tools = new RunToolRunner(tools, new RunKey(attempt.Order.RunId, attempt.Order.Attempt), settings.Priority, ledger),
        Guard = decision,
        Time = time,
    };

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

    private static string What(RunOrder order) => order.Policy.Length > 0 ? $"policy {order.Policy}" : $"an ad hoc {order.Action.KindCase}";
}
