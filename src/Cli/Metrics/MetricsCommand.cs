using System.CommandLine;
using System.Globalization;
using Fleet.Cli.Commands;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Metrics;

/// <summary><c>fleet metrics HOST [NAME...] [--since 1h]</c>.</summary>
internal static class MetricsCommand
{
    public static Command Create(CommandActions actions)
    {
        var host = actions.Names.HostArgument();
        var names = new Argument<string[]>("name")
        {
            Description = "Metric names; a trailing * matches a prefix. Default: all.",
            Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => [],
        };
        var since = Durations.Option(
            "--since", "How far back to show values, instead of only the newest.", TimeSpan.FromSeconds(1), TimeSpan.FromDays(3_660));
        var step = Durations.Option(
            "--step",
            "With --since: interval between values. Default: every value that is kept.",
            TimeSpan.FromSeconds(1),
            TimeSpan.FromDays(1));
        var command = new FleetCommand("metrics", "Shows what a host measures: the newest values, or with --since the values over time.",
            "fleet metrics web1",
            "fleet metrics web1 'fleet_filesystem_*'",
            "fleet metrics web1 fleet_load1 --since 1h")
        {
            host,
            names,
            since,
            step,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(step) is not null && result.GetValue(since) is null)
            {
                result.AddError("--step needs --since.");
            }
        });
        return actions.Online(command, invocation => invocation.Get(since) is { } age
            ? PrintHistoryAsync(invocation, invocation.Get(host), invocation.Get(names), age, invocation.Get(step) ?? TimeSpan.Zero)
            : PrintLatestAsync(invocation, invocation.Get(host), invocation.Get(names)));
    }

    private static async Task<int> PrintLatestAsync(Invocation invocation, string host, string[] names)
    {
        var request = new GetLatestMetricsRequest { Hosts = { host } };
        request.Names.Add(names);
        var response = await invocation.Connection.Fleet.GetLatestMetricsAsync(request, invocation.Connection.Unary);
        if (invocation.Json)
        {
            invocation.Out.Message(response);
        }
        else if (response.Series.Count == 0)
        {
            invocation.Out.Line("No such series.");
        }
        else
        {
            invocation.Out.Table(["METRIC", "LABELS", "VALUE", "AGE"], Ordered(response.Series).Select(s => (Cell[])
            [
                s.Series.Name,
                HumanText.Labels(s.Series.Labels),
                s.Points.Count == 0 ? "" : Value(s.Points[^1].Value),
                s.Points.Count == 0 ? "" : HumanText.Relative(s.Points[^1].At, invocation.Now),
            ]), 2);
        }

        return ExitCode.Ok;
    }

    private static async Task<int> PrintHistoryAsync(Invocation invocation, string host, string[] names, TimeSpan since, TimeSpan step)
    {
        var request = new QueryMetricsRequest
        {
            Host = host,
            From = Timestamp.FromDateTimeOffset(invocation.Now - since),
            To = Timestamp.FromDateTimeOffset(invocation.Now),
            Step = Duration.FromTimeSpan(step),
        };
        request.Names.Add(names.Length == 0 ? ["*"] : names);
        var response = await invocation.Connection.Fleet.QueryMetricsAsync(request, invocation.Connection.Unary);
        if (invocation.Json)
        {
            invocation.Out.Message(response);
        }
        else if (response.Series.Count == 0)
        {
            invocation.Out.Line("No such series.");
        }
        else
        {
            invocation.Out.Table(
                ["METRIC", "LABELS", "POINTS", "MIN", "MEAN", "MAX", "LAST", ""],
                Ordered(response.Series).Where(s => s.Points.Count > 0).Select(HistoryRow),
                2, 3, 4, 5, 6);
            invocation.Out.Line(new Cell(
                WireTime.SpanOf(response.Step) is null || WireTime.SpanOf(response.Step) == TimeSpan.Zero
                    ? "every value that was measured"
                    : $"one value every {HumanText.Span(response.Step)}",
                Tone.Quiet));
        }

        return ExitCode.Ok;
    }

    private static Cell[] HistoryRow(MetricData data) =>
    [
        data.Series.Name,
        HumanText.Labels(data.Series.Labels),
        data.Points.Count,
        Value(data.Points.Min(p => p.HasMin ? p.Min : p.Value)),
        Value(data.Points.Average(p => p.Value)),
        Value(data.Points.Max(p => p.HasMax ? p.Max : p.Value)),
        Value(data.Points[^1].Value),
        Sparkline.Of(data.Points.Select(p => p.Value)),
    ];

    private static IEnumerable<MetricData> Ordered(IEnumerable<MetricData> series) =>
        series.OrderBy(s => s.Series.Name, StringComparer.Ordinal).ThenBy(s => HumanText.Labels(s.Series.Labels), StringComparer.Ordinal);

    private static string Value(double value) => Math.Abs(value) < 1e15 && (value == Math.Floor(value) || Math.Abs(value) >= 1e6)
        ? value.ToString("F0", CultureInfo.InvariantCulture)
        : value.ToString("G6", CultureInfo.InvariantCulture);
}
