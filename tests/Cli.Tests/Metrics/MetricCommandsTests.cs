using Fleet.Cli.Metrics;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Tests.Metrics;

public sealed class MetricCommandsTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _coordinator.Script
            .On<ListHostsRequest, ListHostsResponse>("ListHosts", _ => new ListHostsResponse { Hosts = { Fleets.Web1, Fleets.Nas } })
            .On<GetLatestMetricsRequest, GetLatestMetricsResponse>(
                "GetLatestMetrics", _ => new GetLatestMetricsResponse { Series = { Reading(0, 0) } });
        _terminal.With(_coordinator);
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    private static MetricData Series(string name, double value, int second, params (string Key, string Value)[] labels)
    {
        var series = new MetricSeries { Name = name };
        foreach (var (key, text) in labels)
        {
            series.Labels[key] = text;
        }

        return new MetricData
        {
            HostId = Fleets.Web1.HostId,
            HostName = "web1",
            Series = series,
            Points = { new MetricPoint { At = Timestamp.FromDateTimeOffset(Fleets.Now.AddSeconds(second)), Value = value } },
        };
    }

    private static MetricData[] Reading(int second, double busy) =>
    [
        Series("fleet_load1", 1.25, second),
        Series("fleet_cpu_seconds_total", 1000 + busy, second, ("mode", "user")),
        Series("fleet_cpu_seconds_total", 9000 + (second - busy), second, ("mode", "idle")),
        Series("fleet_memory_total_bytes", 8e9, second),
        Series("fleet_memory_available_bytes", 6e9, second),
        Series("fleet_filesystem_size_bytes", 100, second, ("mount", "/")),
        Series("fleet_filesystem_available_bytes", 60, second, ("mount", "/")),
        Series("fleet_filesystem_size_bytes", 100, second, ("mount", "/back\u001bup")),
        Series("fleet_filesystem_available_bytes", 5, second, ("mount", "/back\u001bup")),
        Series("fleet_network_received_bytes_total", 1e6 + (1024 * second), second, ("device", "eth0")),
        Series("fleet_network_received_bytes_total", 1e9 + (1e6 * second), second, ("device", "lo")),
        Series("fleet_network_sent_bytes_total", 5, second, ("device", "eth0")),
    ];

    [Fact]
    public async Task Metrics_Latest_ShowsSeriesInOrder()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("metrics", "web1", "fleet_filesystem_*", "fleet_load1"));

        var request = Assert.Single(_coordinator.Script.Requests<GetLatestMetricsRequest>("GetLatestMetrics"));
        Assert.Equal(["web1"], request.Hosts);
        Assert.Equal(["fleet_filesystem_*", "fleet_load1"], request.Names);
        var lines = _terminal.Output.Split('\n');
        Assert.Matches("^METRIC +LABELS +VALUE +AGE$", lines[0]);
        Assert.Matches("^fleet_cpu_seconds_total +mode=idle +9000 +now$", lines[1]);
        Assert.Matches(@"^fleet_filesystem_available_bytes +mount=/back\\x1bup +5 +now$", lines[4]);
    }

    [Fact]
    public async Task Metrics_Since_SummarisesTheCurve()
    {
        _coordinator.Script.On<QueryMetricsRequest, QueryMetricsResponse>("QueryMetrics", _ => new QueryMetricsResponse
        {
            Step = Duration.FromTimeSpan(TimeSpan.FromMinutes(5)),
            Series =
            {
                new MetricData
                {
                    Series = new MetricSeries { Name = "fleet_load1" },
                    Points =
                    {
                        Enumerable
                            .Range(0, 13)
                            .Select(i => new MetricPoint
                            {
                                At = Fleets.At($"{60 - (5 * i)}m"),
                                Value = i,
                                Max = i + 0.5,
                            }),
                    },
                },
            },
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("metrics", "web1", "fleet_load1", "--since", "1h"));

        var request = Assert.Single(_coordinator.Script.Requests<QueryMetricsRequest>("QueryMetrics"));
        Assert.Equal((Fleets.At("1h"), Fleets.At("0s")), (request.From, request.To));
        Assert.Equal("""
            METRIC       LABELS  POINTS  MIN  MEAN   MAX  LAST
            fleet_load1              13    0     6  12.5    12  __..--==++**#
            one value every 5m

            """, _terminal.Output);
    }

    [Fact]
    public async Task Top_Once_ShowsEveryHost()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("top", "--once"));

        Assert.Equal("""
            HOST  STATE    LOAD  MEMORY  FULLEST DISK      RUNS
            nas   offline  -     -       -                 0
            web1  online   1.25  25 %    95 % /back\x1bup  1

            """, _terminal.Output);
    }

    [Fact]
    public async Task Top_Json_IsOneReadingPerLineUntilCtrlC()
    {
        var clock = Fleets.Clock();
        _terminal.Time = clock;
        using var ctrlC = new CancellationTokenSource();
        var run = _terminal.RunAsync(ctrlC.Token, "top", "--json");
        await clock.WaitForTimersAsync();
        clock.Advance(TimeSpan.FromSeconds(10));
        await clock.WaitForTimersAsync();
        await ctrlC.CancelAsync();

        Assert.Equal(ExitCode.Cancelled, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.All(
            _terminal.Output.TrimEnd('\n').Split('\n'),
            line => Assert.Equal(12, GetLatestMetricsResponse.Parser.ParseJson(line).Series.Count));
    }

    [Fact]
    public async Task Top_OnATerminal_RedrawsWithRates()
    {
        var readings = 0;
        _coordinator.Script.On<GetLatestMetricsRequest, GetLatestMetricsResponse>("GetLatestMetrics",
            _ => new GetLatestMetricsResponse { Series = { Interlocked.Increment(ref readings) == 1 ? Reading(0, 0) : Reading(10, 5) } });
        var clock = Fleets.Clock();
        (_terminal.Time, _terminal.IsTerminal, _terminal.Width) = (clock, true, 140);
        _terminal.Variables["TERM"] = "xterm";
        using var ctrlC = new CancellationTokenSource();
        var run = _terminal.RunAsync(ctrlC.Token, "top");
        await clock.WaitForTimersAsync();
        clock.Advance(TimeSpan.FromSeconds(10));
        await _terminal.WaitForOutputAsync("1.0 KiB/s");
        await ctrlC.CancelAsync();

        Assert.Equal(ExitCode.Cancelled, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("50 %", _terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('q')]
    [InlineData('Q')]
    [InlineData('\u001b')]
    public async Task Top_QuitKey_EndsIt(char key)
    {
        var clock = Fleets.Clock();
        (_terminal.Time, _terminal.IsTerminal) = (clock, true);
        _terminal.Variables["TERM"] = "xterm";
        var run = _terminal.RunAsync("top");
        await clock.WaitForTimersAsync();
        _terminal.Keys.Enqueue('x');
        _terminal.Keys.Enqueue(key);
        clock.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(ExitCode.Ok, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Single(_coordinator.Script.Requests<GetLatestMetricsRequest>("GetLatestMetrics"));
    }

    [Fact]
    public void CpuUsed_CountersThatWentBack_IsNotKnown()
    {
        Assert.Null(new HostReading(Reading(0, 0)).CpuUsed(new HostReading(Reading(10, 5))));
        Assert.Null(new HostReading([]).MemoryUsed);
        Assert.Null(new HostReading([]).FullestFilesystem);
    }
}
