using System.Net;
using System.Text.RegularExpressions;
using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.Tests.Infrastructure;
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
        await using var coordinator = await RunningCoordinator.StartAsync();
        var sink = coordinator.Services.GetRequiredService<IMetricSink>();
        foreach (var name in new[] { "nas", "pve" })
        {
            var host = await coordinator.EnrolAsync(name);
            using var session = sink.OpenSession(host.HostId, name);
            var batch = Batches.Of(coordinator.Clock.GetUtcNow(), ("fleet_load1", 0.5), ("fleet_host_up", 1));
            batch.Definitions.Add(Batches.Definition(3, "fleet_filesystem_size_bytes", ("mount", "/a\"b\n"), ("host", "liar")));
            batch.Series.Add(3);
            batch.Values.Add(1e12);
            batch.Failures.Add(new CollectorFailure { Collector = "temperatures", Message = "no sensors" });
            session.Accept(batch);
        }

        var text = await coordinator.GetAsync("/metrics/fleet");

        AssertFormat(text);
        Assert.Contains("fleet_load1{host=\"nas\"} 0.5\nfleet_load1{host=\"pve\"} 0.5\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "fleet_filesystem_size_bytes{host=\"nas\",exported_host=\"liar\",mount=\"/a\\\"b\\n\"} 1000000000000\n",
            text,
            StringComparison.Ordinal);
        Assert.Contains("fleet_host_up{host=\"nas\"} 0\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("fleet_host_up{host=\"nas\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("fleet_host_collector_failed{host=\"nas\",collector=\"temperatures\"} 1\n", text, StringComparison.Ordinal);

        coordinator.Clock.Shift = TimeSpan.FromMinutes(6);
        Assert.DoesNotContain("fleet_load1", await coordinator.GetAsync("/metrics/fleet"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AfterCalls_CountsThem()
    {
        await using var coordinator = await RunningCoordinator.StartAsync();
        await coordinator.Admin.WhoAmIAsync(new WhoAmIRequest());
        await coordinator.EnrolAsync("nas");

        // Numbers from the store are asked for at most every five seconds.
        var text = await Eventually.GetAsync(
            () => coordinator.GetAsync("/metrics"),
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
        await using var coordinator = await RunningCoordinator.StartAsync();
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
        await using var coordinator = await RunningCoordinator.StartAsync();
        var host = await coordinator.EnrolAsync("nas");
        using (var session = coordinator.Services.GetRequiredService<IMetricSink>().OpenSession(host.HostId, "nas"))
        {
            session.Accept(Batches.Of(coordinator.Clock.GetUtcNow().AddSeconds(-10), ("fleet_load1", 1), ("fleet_load5", 3)));
            session.Accept(Batches.Of(coordinator.Clock.GetUtcNow(), ("fleet_load1", 2), ("fleet_load5", 3)));
        }

        var client = new FleetService.FleetServiceClient(coordinator.Connect(coordinator.AdminToken));
        var latest = await client.GetLatestMetricsAsync(new GetLatestMetricsRequest { Names = { "fleet_load1" } });
        Assert.Equal(("nas", 2.0), (latest.Series.Single().HostName, latest.Series.Single().Points.Single().Value));

        var query = await client.QueryMetricsAsync(
            new QueryMetricsRequest { Host = "nas", Names = { "fleet_load*" }, Step = Duration.FromTimeSpan(TimeSpan.Zero) });
        Assert.Equal([1.0, 2.0], query.Series.Single(static s => s.Series.Name == "fleet_load1").Points.Select(static p => p.Value));
        Assert.Equal(2, query.Series.Count);

        await Requests.RefusedAsync(
            global::Grpc.Core.StatusCode.InvalidArgument,
            Reason.InvalidArgument,
            () => client.GetLatestMetricsAsync(new GetLatestMetricsRequest()).ResponseAsync);
        await Requests.RefusedAsync(
            global::Grpc.Core.StatusCode.NotFound,
            Reason.NotFound,
            () => client.QueryMetricsAsync(new QueryMetricsRequest { Host = "nobody", Names = { "*" } }).ResponseAsync);
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
