using Fleet.Agent.Actions;
using Fleet.Agent.Guard;
using Fleet.Agent.Journal;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Runs;

/// <summary>One attempt that has a place: asks the guard, journals it, carries the action out and brings its log along.</summary>
internal sealed partial class RunExecution(
    RunLedger ledger, RunSettings settings, IReadOnlyList<IAction> actions, IGuard guard, IToolRunner tools, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromHours(6); // as PolicySpec.timeout
    private static readonly TimeSpan FlushPause = TimeSpan.FromMilliseconds(250);

    private readonly ILogger _logger = logger;

    /// <summary>Its result. Null: it was not begun, because this host's state cannot be written now.</summary>
    public async Task<ActionResult?> RunAsync(RunningAttempt attempt)
    {
        var command = attempt.Command;
        if (command.ExpiresAt is { } at && at.ToDateTimeOffset() <= time.GetUtcNow())
        {
            return new ActionResult { Outcome = ActionOutcome.Skipped, Message = "it reached the host after its time had passed" };
        }

        var decision = guard.Check(command.Action ?? new Protocol.V1.Action());
        if (!decision.Allowed)
        {
            var refused = ToolOutcome.Refused(decision);
            TellRefused(command, refused);
            return refused;
        }

        if (actions.FirstOrDefault(a => a.Kind == command.Action!.KindCase) is not { } action)
        {
            return ToolOutcome.Failed("this agent does not know the action: upgrade fleet-agent");
        }

        var startedAt = time.GetUtcNow();
        if (!ledger.TryStart(Started(command, startedAt)))
        {
            return null;
        }

        LogStarted(command.RunId, command.Attempt, What(command), command.Traceparent);
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

        if (result.Outcome == ActionOutcome.Cancelled && attempt.AgentStops)
        {
            (result.Outcome, result.Retryable, result.Message) = (ActionOutcome.Interrupted, true, "the agent was stopped while it ran");
        }

        if (result.Outcome == ActionOutcome.Refused)
        {
            // What is there on the host decided: a dataset below the one that was named, for example.
            TellRefused(command, result);
        }

        result.StartedAt = Timestamp.FromDateTimeOffset(startedAt);
        result.Duration = Duration.FromTimeSpan(time.GetElapsedTime(startedTimestamp));
        result.LogTail.Clear();
        result.LogTail.AddRange(attempt.Log.Tail());
        LogEnded(command.RunId, command.Attempt, What(command), result.Outcome, LogText.Escape(result.Message));
        return result;
    }

    private void TellRefused(RunCommand command, ActionResult result)
    {
        LogRefused(command.RunId, What(command), result.Message, result.RefusedBy);
        var code = result.RefusalSource == RefusalSource.SafetyRule ? "safety_refused" : "guard_refused";
        ledger.Notice(code, result.Message, ("policy", command.Policy), ("rule", result.RefusedBy), ("run_id", command.RunId));
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
        Tools = new RunToolRunner(tools, new RunKey(attempt.Command.RunId, attempt.Command.Attempt), settings.Priority, ledger),
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

    private static string What(RunCommand command) => command.Policy.Length > 0 ? $"policy {command.Policy}" : $"an ad hoc {command.Action?.KindCase}";

    [LoggerMessage(LogLevel.Information, "Run {RunId} attempt {Attempt} of {What} starts (trace {Traceparent})")]
    private partial void LogStarted(string runId, int attempt, string what, string traceparent);

    [LoggerMessage(LogLevel.Information, "Run {RunId} attempt {Attempt} of {What}: {Outcome}: {Message}")]
    private partial void LogEnded(string runId, int attempt, string what, ActionOutcome outcome, string message);

    [LoggerMessage(LogLevel.Warning, "Run {RunId} of {What} was refused: {Message} [{Rule}]")]
    private partial void LogRefused(string runId, string what, string message, string rule);
}
