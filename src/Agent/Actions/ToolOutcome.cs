using Fleet.Agent.Guard;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions;

/// <summary>The part of a result that is the same for every tool.</summary>
internal static class ToolOutcome
{
    /// <summary>As ActionResult.details says.</summary>
    private const int MaxDetails = 100;

    /// <summary>
    /// Exit code, signal, memory and CPU time; outcome and message for every end but an exit of the tool's own will, whose
    /// exit code the action classifies: <see cref="ActionResult.Outcome"/> is then SUCCEEDED for 0 and FAILED otherwise.
    /// </summary>
    public static ActionResult ToResult(ToolResult tool)
    {
        var result = new ActionResult
        {
            MaxResidentBytes = tool.MaxResidentBytes,
            CpuTime = Duration.FromTimeSpan(tool.CpuTime),
        };
        if (tool.ExitCode is { } exitCode)
        {
            result.ExitCode = exitCode;
        }

        if (tool.Signal is { } signal)
        {
            result.Signal = signal;
        }

        (result.Outcome, result.Retryable, result.Message) = tool.End switch
        {
            ToolEnd.TimedOut => (ActionOutcome.TimedOut, true, $"{tool.Name} exceeded its time limit and was ended"),
            ToolEnd.Cancelled => (ActionOutcome.Cancelled, false, $"{tool.Name} was cancelled"),
            ToolEnd.NotStarted => (ActionOutcome.Failed, false, tool.Message),
            ToolEnd.NotConfined =>
                (ActionOutcome.Refused, false, $"{tool.Message}; rsync.confine: false in the guard file turns confinement off"),
            _ when tool.Signal is { } by => (ActionOutcome.Failed, true, $"{tool.Name} was ended by signal {by}"),
            _ when tool.ExitCode == 0 => (ActionOutcome.Succeeded, false, $"{tool.Name} succeeded"),
            _ => (ActionOutcome.Failed, false, $"{tool.Name} ended with exit code {tool.ExitCode}"),
        };
        result.RefusedBy = tool.End == ToolEnd.NotConfined ? "rsync.confine" : "";
        return result;
    }

    /// <summary>A result for an attempt whose tool was not started at all.</summary>
    public static ActionResult Failed(string message, bool retryable = false) =>
        new() { Outcome = ActionOutcome.Failed, Message = message, Retryable = retryable };

    /// <summary>A result for an attempt that the guard's rules refuse, before it begins or once it has looked at the host.</summary>
    public static ActionResult Refused(GuardDecision decision) =>
        new()
        {
            Outcome = ActionOutcome.Refused,
            Message = decision.Message,
            RefusedBy = decision.Rule,
            RefusalSource = RefusalSource.Guard
        };

    /// <summary>A result for an attempt that would not be safe, whatever the guard file allows.</summary>
    /// <param name="rule">With the action that has it: rsync safety rule "free space".</param>
    public static ActionResult RefusedAsUnsafe(string rule, string message) =>
        new() { Outcome = ActionOutcome.Refused, Message = message, RefusedBy = rule, RefusalSource = RefusalSource.SafetyRule };

    /// <summary>Adds a detail, within the limit of the contract.</summary>
    public static void AddDetail(ActionResult result, string detail)
    {
        result.DetailsTotal++;
        if (result.Details.Count < MaxDetails)
        {
            result.Details.Add(detail);
        }
    }

    public static ActionResult Cancelled() => new() { Outcome = ActionOutcome.Cancelled, Message = "cancelled" };
}
