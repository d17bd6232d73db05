using System.Net;
using System.Text.RegularExpressions;
using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Metrics;

public sealed partial class MetricsPagesTests
{
    [Fact]
    public async Task MetricsFleet_HostsWithSeries_GroupsFamiliesAndMarksTheirHosts()
    {
        var clock = new ShiftedClock();
        await using var coordinator = await TestCoordinator.StartAsync(clock, httpListener: true);
        var sink = coordinator.Services.GetRequiredService<IMetricSink>();
        foreach (var name in new[] { "nas", "pve" })
        {
            var host = await coordinator.EnrolHostAsync(name);
            using var session = sink.OpenSession(host.HostId, name);
            var batch = Batches.Of(clock.GetUtcNow(), ("fleet_load1", 0.5), ("fleet_host_up", 1));
            batch.Definitions.Add(Batches.Definition(3, "fleet_filesystem_size_bytes", ("mount", "/a\"b\n"), ("host", "liar")));
            batch.Series.Add(3);
            batch.Values.Add(1e12);
            batch.Failures.Add(new CollectorFailure { Collector = "temperatures", Message = "no sensors" });
            session.Accept(batch);
        }

        var text = await coordinator.GetPageAsync("/metrics/fleet");

        AssertFormat(text);
        Assert.Contains("fleet_load1{host=\"nas\"} 0.5\nfleet_load1{host=\"pve\"} 0.5\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "fleet_filesystem_size_bytes{host=\"nas\",exported_host=\"liar\",mount=\"/a\\\"b\\n\"} 1000000000000\n",
            text,
            StringComparison.Ordinal);
        Assert.Contains("fleet_host_up{host=\"nas\"} 0\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("fleet_host_up{host=\"nas\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("fleet_host_collector_failed{host=\"nas\",collector=\"temperatures\"} 1\n", text, StringComparison.Ordinal);

        clock.Shift = TimeSpan.FromMinutes(6);
        Assert.DoesNotContain("fleet_load1", await coordinator.GetPageAsync("/metrics/fleet"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AfterCalls_CountsThem()
    {
        await using var coordinator = await TestCoordinator.StartAsync(httpListener: true);
        await coordinator.AdminService.WhoAmIAsync(new WhoAmIRequest());
        await coordinator.EnrolHostAsync("nas");

        // Numbers from the store are asked for at most every five seconds.
        var text = await Eventually.GetAsync(
            () => coordinator.GetPageAsync("/metrics"),
            static page => page.Contains("fleet_coordinator_hosts 1\n", StringComparison.Ordinal),
            "a host");

        AssertFormat(text);
        Assert.Matches("fleet_coordinator_grpc_calls_total\\{method=\"/fleet.v1.AdminService/WhoAmI\",code=\"OK\"\\} [1-9]", text);
        Assert.Matches("fleet_coordinator_store_commit_duration_seconds_bucket\\{le=\"\\+Inf\"\\} [1-9]", text);
        Assert.Contains("process_resident_memory_bytes ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/metrics/fleet")]
    [InlineData("/readyz")]
    public async Task Pages_OnTheListenerOfTheNetwork_AreNotThere(string path)
    {
        await using var coordinator = await TestCoordinator.StartAsync(httpListener: true);
        using var http = new HttpClient(coordinator.NewHandler())
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await http.GetAsync(coordinator.Address + path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task GetLatestAndQueryMetrics_OverTheWire_AnswerWhatWasSent()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var host = await coordinator.EnrolHostAsync("nas");
        var now = TimeProvider.System.GetUtcNow();
        using (var session = coordinator.Services.GetRequiredService<IMetricSink>().OpenSession(host.HostId, "nas"))
        {
            session.Accept(Batches.Of(now.AddSeconds(-10), ("fleet_load1", 1), ("fleet_load5", 3)));
            session.Accept(Batches.Of(now, ("fleet_load1", 2), ("fleet_load5", 3)));
        }

        var latest = await coordinator.Fleet.GetLatestMetricsAsync(new GetLatestMetricsRequest { Names = { "fleet_load1" } });
        Assert.Equal(("nas", 2.0), (latest.Series.Single().HostName, latest.Series.Single().Points.Single().Value));

        var query = await coordinator.Fleet.QueryMetricsAsync(
            new QueryMetricsRequest { Host = "nas", Names = { "fleet_load*" }, Step = Duration.FromTimeSpan(TimeSpan.Zero) });
        Assert.Equal([1.0, 2.0], query.Series.Single(static s => s.Series.Name == "fleet_load1").Points.Select(static p => p.Value));
        Assert.Equal(2, query.Series.Count);

        await Requests.RefusedAsync(
            global::Grpc.Core.StatusCode.InvalidArgument,
            Reason.InvalidArgument,
            () => coordinator.Fleet.GetLatestMetricsAsync(new GetLatestMetricsRequest()).ResponseAsync);
        await Requests.RefusedAsync(
            global::Grpc.Core.StatusCode.NotFound,
            Reason.NotFound,
            () => coordinator.Fleet.QueryMetricsAsync(new QueryMetricsRequest { Host = "nobody", Names = { "*" } }).ResponseAsync);
    }

    /// <summary>Every line has the form, each family is told once and stands together.</summary>
    private static void AssertFormat(string text)
    {
        var families = new HashSet<string>(StringComparer.Ordinal);
        var current = "";
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                current = line.Split(' ')[2];
                Assert.True(families.Add(current), $"{current} begins twice");
            }
            else if (!line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                Assert.Matches(SampleLine(), line);
                Assert.StartsWith(current, line, StringComparison.Ordinal);
            }
        }
    }

    [GeneratedRegex("""^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="(\\\\|\\"|\\n|[^\\"\n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="(\\\\|\\"|\\n|[^\\"\n])*")*\})? \S+$""")]
    private static partial Regex SampleLine();
}
