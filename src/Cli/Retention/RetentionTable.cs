using System.Globalization;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Output;
using Fleet.Protocol.Edge;

namespace Fleet.Cli.Retention;

/// <summary>Decisions of a plan, one line each.</summary>
internal static class RetentionTable
{
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
