using System.Net;
using Fleet.Coordinator.Configuration;
using Fleet.Yaml;
using Microsoft.Extensions.Logging;

namespace Fleet.Coordinator.Tests.Configuration;

public sealed class CoordinatorFileTests
{
    [Fact]
    public void Parse_Everything_IsTaken()
    {
        var problems = new YamlProblems();
        var options = CoordinatorFile.Parse(
            """
            listen: ["10.0.0.1:7443", "[::1]:7444"]
            http_listen: off
            server_names: [fleet.example.org]
            state_directory: /srv/fleet
            database: {postgresql: Host=db1;Database=fleet;Username=fleet, password_file: /etc/fleet/password}
            events: {keep: 30d}
            runs: {keep: 100d, log_lines_per_run: 500}
            metrics: {rollups_keep: 7d}
            queue: {per_host: 7}
            telemetry: {otlp_endpoint: "http://127.0.0.1:4317"}
            log_level: debug
            """,
            "coordinator.yaml",
            problems);

        Assert.Empty(problems.Items);
        Assert.Equal([new IPEndPoint(IPAddress.Parse("10.0.0.1"), 7443), new IPEndPoint(IPAddress.IPv6Loopback, 7444)], options.Listen);
        Assert.Null(options.HttpListen);
        Assert.Equal(["fleet.example.org"], options.ServerNames);
        Assert.Equal("/srv/fleet", options.StateDirectory);
        Assert.Equal(new DatabaseOptions("Host=db1;Database=fleet;Username=fleet", "/etc/fleet/password"), options.Database);
        Assert.Equal(7, options.QueuePerHost);
        Assert.Equal(new Uri("http://127.0.0.1:4317"), options.OtlpEndpoint);
        Assert.Equal(
            new ReloadableOptions
            {
                LogLevel = LogLevel.Debug,
                EventsKeep = TimeSpan.FromDays(30),
                RunsKeep = TimeSpan.FromDays(100),
                LogLinesPerRun = 500,
                RollupsKeep = TimeSpan.FromDays(7),
            },
            options.Reloadable);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a remark\n")]
    public void Parse_Nothing_GivesTheDefaults(string text)
    {
        var problems = new YamlProblems();

        var options = CoordinatorFile.Parse(text, "coordinator.yaml", problems);

        Assert.Empty(problems.Items);
        Assert.Equal(7443, Assert.Single(options.Listen).Port);
        Assert.Equal("/var/lib/fleet-coordinator", options.StateDirectory);
        Assert.Null(options.Database);
    }

    [Theory]
    [InlineData("listen: localhost", 1)]
    [InlineData("listen: 0.0.0.0:99999", 1)]
    [InlineData("log_level: loud", 1)]
    [InlineData("log_level: info\nstate_directory: var/lib", 2)]
    [InlineData("events:\n  keep: 90", 2)]
    [InlineData("queue: {per_host: 0}", 1)]
    [InlineData("database: {password_file: /etc/fleet/password}", 1)]
    [InlineData("database: {postgresql: Host=db1;Username=fleet}", 1)]
    [InlineData("database: {postgresql: Database=fleet}", 1)]
    [InlineData("database: {postgresql: Host=db1;Database=fleet;Password=secret}", 1)]
    [InlineData("database: {postgresql: Host=db1;Database=fleet;Colour=green}", 1)]
    [InlineData("database:\n  postgresql: Host=db1;Database=fleet\n  password_file: password", 3)]
    [InlineData("telemetry: {otlp_endpoint: nowhere}", 1)]
    [InlineData("log_level: info\nlog_levl: info", 2)]
    [InlineData("a: 1\n---\nb: 2", 3)]
    public void Parse_SomethingWrong_NamesFileAndLine(string text, int line)
    {
        var problems = new YamlProblems();

        CoordinatorFile.Parse(text, "coordinator.yaml", problems);

        Assert.Contains(problems.Items, problem => problem.File == "coordinator.yaml" && problem.Line == line);
    }
}
