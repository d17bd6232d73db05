using System.Globalization;
using Fleet.Actions;
using Fleet.Coordinator.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>What events say about the result of an attempt: docs/events.md.</summary>
internal static class RunEventAttributes
{
    public static Dictionary<string, string> Of(RunRow run, ActionResult result)
    {
        var isDryRun = run.Action.IsDryRun;
        var attributes = new EventAttributes();
        attributes.Add("attempt", run.Attempt);
        attributes.Add("trigger", RunTransitions.TriggerName(run.Trigger));
        if (run.Note.Length > 0)
        {
            attributes.Add("note", run.Note);
        }

        if (isDryRun)
        {
            attributes.Add("dry_run", "true");
        }

        if (result.HasExitCode)
        {
            attributes.Add("exit_code", result.ExitCode);
        }

        if (result.HasSignal)
        {
            attributes.Add("signal", result.Signal);
        }

        if (result.Duration is { } duration)
        {
            attributes.Add("duration_seconds", (duration.Seconds + (duration.Nanos / 1e9)).ToString("0.###", CultureInfo.InvariantCulture));
        }

        if (result.RefusedBy.Length > 0)
        {
            attributes.Add("refused_by", result.RefusedBy);
        }

        if (Refusals.SourceOf(result) is { } source)
        {
            attributes.Add("refusal_source", source == RefusalSource.Guard ? "guard" : "safety_rule");
        }

        // By what the result holds: of a run that a host fired by itself, the policy may be gone or changed by the time it is heard of.
        foreach (var rules in ActionRules.All)
        {
            rules.AddEventAttributes(result, isDryRun, attributes);
        }

        return attributes.ToDictionary();
    }
}
