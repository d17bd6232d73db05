using System.Globalization;
using Fleet.Actions;
using Fleet.Coordinator.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>The attributes of events about the result of an attempt; docs/events.md lists them.</summary>
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

        // Decided by the content of the result: for a run that a host fired by itself, the policy may have been changed or deleted since.
        foreach (var rules in ActionRules.All)
        {
            rules.AddEventAttributes(result, isDryRun, attributes);
        }

        return attributes.ToDictionary();
    }
}
