using System.CommandLine;
using System.Globalization;
using Fleet.Cli.Commands;
using Fleet.Cli.Hosts;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Spectre.Console;

namespace Fleet.Cli.Metrics;

/// <summary><c>fleet top</c>: the load of all hosts, live.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);

    public static Command Create(CommandActions actions)
    {
        var interval = Durations.Option(
            "--interval",
            "Interval between readings. Default 10s, as often as hosts measure.",
            TimeSpan.FromSeconds(1),
            TimeSpan.FromHours(1));
        var once = new Option<bool>("--once")
        {
            Description = "Take one reading, then exit. Leaves out processor and network use, which need two. The default without a "
                + "terminal.",
        };
        var command = new FleetCommand(
            "top",
            "Shows the load of all hosts, live: processors, memory, file systems, network. q, Esc or Ctrl-C ends it.",
            "fleet top",
            "fleet top --once",
            "fleet top --json --interval 30s")
        {
            interval,
            once,
        };
        return actions.Online(command, async invocation =>
        {
            var pause = invocation.Get(interval) ?? DefaultInterval;
            if (invocation.Json)
            {
                return await PrintJsonAsync(invocation, pause, invocation.Get(once));
            }

            return invocation.Get(once) || !invocation.Environment.Redraws
                ? await PrintOnceAsync(invocation)
                : await PrintLiveAsync(invocation, pause);
        });
    }

    private static async Task<int> PrintJsonAsync(Invocation invocation, TimeSpan pause, bool once)
    {
        while (true)
        {
            invocation.Out.Message(await ReadMetricsAsync(invocation));
            invocation.Out.Flush();
            if (once)
            {
                return ExitCode.Ok;
            }

            await Task.Delay(pause, invocation.Environment.Time, invocation.Cancellation);
        }
    }

    private static async Task<int> PrintOnceAsync(Invocation invocation)
    {
        var (hosts, readings) = await ReadAsync(invocation);
        // A single reading gives no rates.
        invocation.Out.Table(
            [.. Headers.Where(IsOfOneReading)],
            Rows(hosts, readings, []).Select(r => r.Where((_, i) => IsOfOneReading(Headers[i])).ToList()));
        return ExitCode.Ok;
    }

    private static async Task<int> PrintLiveAsync(Invocation invocation, TimeSpan pause)
    {
        var keys = new KeyWatch(invocation.Environment);
        var (hosts, readings) = await ReadAsync(invocation);
        await invocation.Out.Console.Live(Draw(invocation, hosts, readings, [])).StartAsync(async live =>
        {
            // Rates need two different collections, so an earlier reading is kept until a newer one has new values.
            var earlier = new Dictionary<string, HostReading>();
            while (true)
            {
                live.UpdateTarget(Draw(invocation, hosts, readings, earlier));
                live.Refresh();
                if (await keys.QuitsWithinAsync(pause, invocation.Cancellation))
                {
                    return;
                }

                var (nextHosts, next) = await ReadAsync(invocation);
                foreach (var (id, reading) in readings.Where(r => next.TryGetValue(r.Key, out var newer) && newer.Newest > r.Value.Newest))
                {
                    earlier[id] = reading;
                }

                (hosts, readings) = (nextHosts, next);
            }
        });
        return ExitCode.Ok;
    }

    private static readonly string[] Headers = ["HOST", "STATE", "CPU", "LOAD", "MEMORY", "FULLEST DISK", "NET IN", "NET OUT", "RUNS"];

    private static bool IsOfOneReading(string header) => header is not ("CPU" or "NET IN" or "NET OUT");

    // Each row takes one line of the screen: a wrapped line would shift the others.
    private static Rows Draw(
        Invocation invocation, List<Host> hosts, Dictionary<string, HostReading> readings, Dictionary<string, HostReading> earlier)
    {
        var lines = invocation.Out.TableLines(Headers, Rows(hosts, readings, earlier)).Take(Math.Max(2, invocation.Environment.Height - 3));
        return new Rows(
        [
            .. lines.Select(l => Printer.Paragraph(TextWrap.Cropped(l, invocation.Out.Width))),
            Printer.Paragraph([new Cell("q quits", Tone.Quiet)]),
        ]);
    }

    private static IEnumerable<Cell[]> Rows(
        List<Host> hosts, Dictionary<string, HostReading> readings, Dictionary<string, HostReading> earlier) =>
        hosts
            .Select(h =>
                (Host: h,
                    Reading: readings.GetValueOrDefault(h.HostId) ?? new HostReading([]),
                    Earlier: earlier.GetValueOrDefault(h.HostId)))
            .OrderByDescending(h => h.Reading.CpuUsed(h.Earlier) ?? -1)
            .ThenBy(h => h.Host.Name, StringComparer.Ordinal)
            .Select(h => (Cell[])
            [
                h.Host.Name,
                HostsCommand.StateCell(h.Host),
                Percent(h.Reading.CpuUsed(h.Earlier)),
                h.Reading.Load?.ToString("F2", CultureInfo.InvariantCulture) ?? "-",
                Percent(h.Reading.MemoryUsed),
                h.Reading.FullestFilesystem is { } full
                    ? Percent(full.Used) with { Text = $"{Percent(full.Used).Text} {full.Mount}" }
                    : "-",
                BytesPerSecond(h.Reading.Rate("fleet_network_received_bytes_total", h.Earlier)),
                BytesPerSecond(h.Reading.Rate("fleet_network_sent_bytes_total", h.Earlier)),
                h.Host.RunsRunning,
            ]);

    private static Cell Percent(double? share) => share is not { } value
        ? "-"
        : new Cell(
            string.Create(CultureInfo.InvariantCulture, $"{value * 100:F0} %"),
            value >= 0.9 ? Tone.Bad : value >= 0.75 ? Tone.Doubtful : Tone.Plain);

    private static Cell BytesPerSecond(double? rate) => rate is { } value ? $"{HumanText.Bytes(value)}/s" : "-";

    private static async Task<(List<Host> Hosts, Dictionary<string, HostReading> Readings)> ReadAsync(Invocation invocation)
    {
        var hosts = HostsCommand.ListAsync(invocation, new ListHostsRequest());
        var metrics = await ReadMetricsAsync(invocation);
        return (await hosts, metrics.Series.GroupBy(s => s.HostId).ToDictionary(g => g.Key, g => new HostReading(g)));
    }

    private static async Task<GetLatestMetricsResponse> ReadMetricsAsync(Invocation invocation) =>
        await invocation.Connection.Fleet.GetLatestMetricsAsync(
            new GetLatestMetricsRequest { Names = { HostReading.Names } }, invocation.Connection.Unary);
}
