using System.Globalization;
using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary>The decisions of a plan, one per line.</summary>
internal static class RetentionTable
{
    /// <summary>Prints the table after an empty line. Prints nothing if there are no decisions.</summary>
    public static void PrintBelow(Invocation invocation, ActionResult result)
    {
        if (ExplainedPlan.Of(result) is { Decisions.Count: > 0 } plan)
        {
            invocation.Out.Line("");
            Print(invocation, plan);
        }
    }

    public static void Print(Invocation invocation, ExplainedPlan plan)
    {
        var policies = plan.Decisions.SelectMany(d => d.Reasons).Select(r => r.Policy).Distinct().Count();
        invocation.Out.Table(
            ["", "SNAPSHOT", "MADE", "BECAUSE"],
            plan.Decisions.Select(d => (Cell[])
            [
                d.Destroy ? new Cell("destroy", Tone.Bad) : new Cell("keep", Tone.Good),
                d.Name,
                WireTime.InstantOf(d.CreatedAt)?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "",
                string.Join("; ", d.Reasons.Select(r => policies > 1 ? $"{r.Policy}: {r.Text}" : r.Text)),
            ]));
        if (plan.PlannedTotal > plan.Decisions.Count)
        {
            invocation.Out.Line(new Cell($"... and {plan.PlannedTotal - plan.Decisions.Count} more", Tone.Quiet));
        }
    }
}
