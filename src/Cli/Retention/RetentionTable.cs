using System.Globalization;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Retention;

/// <summary>Decisions of a plan, one line each.</summary>
internal static class RetentionTable
{
    public static void Print(Invocation invocation, ZfsPruneResult prune)
    {
        var policies = prune.Decisions.SelectMany(d => d.Reasons).Select(r => r.Policy).Distinct().Count();
        invocation.Out.Table(
            ["", "SNAPSHOT", "MADE", "BECAUSE"],
            prune.Decisions.Select(d => (Cell[])
            [
                d.Destroy ? new Cell("destroy", Tone.Bad) : new Cell("keep", Tone.Good),
                d.Name,
                d.CreatedAt.ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                string.Join("; ", d.Reasons.Select(r => policies > 1 ? $"{r.Policy}: {r.Text}" : r.Text)),
            ]));
        if (prune.PlannedTotal > prune.Decisions.Count)
        {
            invocation.Out.Line(new Cell($"... and {prune.PlannedTotal - prune.Decisions.Count} more", Tone.Quiet));
        }

        if (prune.Confirmation.Length > 0)
        {
            invocation.Out.Line(new Cell($"This is more than the budget: it needs --confirm {prune.Confirmation}", Tone.Doubtful));
        }
    }
}
