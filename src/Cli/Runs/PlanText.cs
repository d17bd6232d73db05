using Fleet.Cli.Actions;
using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Shows what a dry run would do, and what a run needs confirmed first.</summary>
internal static class PlanText
{
    public const int FirstDeletions = 20;

    /// <param name="all">Whether to list every deletion that the result names.</param>
    public static void Print(Invocation invocation, Run run, bool all)
    {
        var plan = run.Result?.RsyncPlan;
        if (plan is { Deletions.Count: > 0 })
        {
            PrintDeletions(invocation, run, plan, all);
        }

        PrintConfirmation(invocation, run);
    }

    /// <summary>Prints the command that confirms the plan of a run.</summary>
    public static void PrintConfirmation(Invocation invocation, Run run)
    {
        if (Confirmation(run.Result) is { Length: > 0 } digits)
        {
            invocation.Out.Line("");
            invocation.Out.Line(
                new Cell($"Nothing was changed on {run.HostName}. To do exactly this: ", Tone.Doubtful),
                new Cell(
                    run.Policy.Length > 0 ? $"fleet run {run.Policy} --host {run.HostName} --confirm {digits}" : $"confirm with {digits}",
                    Tone.Strong));
        }
    }

    private static string Confirmation(ActionResult? result) => result switch
    {
        null => "",
        { RsyncPlan.Confirmation: { Length: > 0 } digits } => digits,
        _ => ExplainedPlan.Of(result)?.Confirmation ?? "",
    };

    private static void PrintDeletions(Invocation invocation, Run run, RsyncPlan plan, bool all)
    {
        var output = invocation.Out;
        var shown = all ? plan.Deletions.Count : Math.Min(plan.Deletions.Count, FirstDeletions);
        output.Line("");
        output.Line(new Cell($"{run.HostName}: {HumanText.Count(plan.WouldDelete, "entry", "entries")} would be deleted", Tone.Doubtful));
        foreach (var path in plan.Deletions.Take(shown))
        {
            // Already safe: bytes that are not text appear as escapes.
            output.LogLine($"  {TerminalText.SafePath(path)}");
        }

        var rest = plan.WouldDelete - shown;
        if (rest > 0)
        {
            var named = plan.Deletions.Count - shown;
            output.Line(
                new Cell($"  ... and {rest} more{(named > 0 ? $": fleet run show {RunTable.ShortId(run.RunId)} --all" : "")}", Tone.Quiet));
        }
    }
}
