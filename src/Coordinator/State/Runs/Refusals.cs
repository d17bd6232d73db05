using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>Who refused a run, and where a person should look.</summary>
internal static class Refusals
{
    /// <summary>Prefix of the names of rsync's safety rules; agents that do not say who refused use it, too.</summary>
    private const string SafetyRule = "rsync safety rule ";

    /// <summary>Null if nobody refused it.</summary>
    public static RefusalSource? SourceOf(ActionResult result) =>
        result.Outcome != ActionOutcome.Refused ? null
        : result.RefusalSource is RefusalSource.Guard or RefusalSource.SafetyRule ? result.RefusalSource
        : result.RefusedBy.StartsWith(SafetyRule, StringComparison.Ordinal) ? RefusalSource.SafetyRule
        : RefusalSource.Guard;

    /// <summary>Which rule refused, and what to look at: one sentence.</summary>
    /// <param name="run">First eight digits of the run's id.</param>
    public static string WhatToDo(ActionResult? result, string host, string run) =>
        result is not null && SourceOf(result) == RefusalSource.SafetyRule
            ? $"{result.RefusedBy} stopped it, not the guard file of {host}: put right what its message says, then run it again "
                + $"(fleet run show {run})"
            : $"the guard file on {host} refuses it: fleet run show {run} names the rule";
}
