using Fleet.Agent.Configuration;
using Fleet.Agent.Native;
using Fleet.Yaml;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Tests.Configuration;

public sealed class AgentOptionsReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_EveryKey_IsTaken()
    {
        var options = Read("""
            coordinator: [ "https://a.example:7443", b.example ]
            name: nas1
            labels: { site: attic }
            state_directory: /srv/state
            guard_file: /srv/guard.yaml
            metrics: { interval: 30s, collectors: { cpu: { enabled: false }, disk: { timeout: 2s } } }
            runs: { max_concurrent: 4, nice: 5, ionice: idle }
            outbox: { max_size: 64MiB }
            inventory: { interval: 1h }
            history: { max_size: 32MiB, max_age: 90d }
            local_socket: { group: backup }
            runtime_directory: /srv/run
            telemetry: { otlp_endpoint: "http://localhost:4317" }
            log_level: debug
            """, out var problems);
        Assert.Empty(problems.Items);
        Assert.Equal(["https://a.example:7443", "https://b.example:7443"], options.Coordinators);
        Assert.Equal(
            ("nas1", "attic", "/srv/state", "/srv/guard.yaml"),
            (options.Name, options.Labels["site"], options.StateDirectory, options.GuardFile));
        Assert.Equal(TimeSpan.FromSeconds(30), options.MetricsInterval);
        Assert.False(options.Collectors["cpu"].Enabled);
        Assert.Equal(TimeSpan.FromSeconds(2), options.Collectors["disk"].Timeout);
        Assert.Equal((4, new ToolPriority(5, IoClass.Idle, 0)), (options.MaxConcurrentRuns, options.RunPriority));
        Assert.Equal((64L << 20, LogLevel.Debug), (options.OutboxMaxBytes, options.LogLevel));
        Assert.Equal(TimeSpan.FromHours(1), options.InventoryInterval);
        Assert.Equal(new HistoryLimits(32L << 20, TimeSpan.FromDays(90)), options.History);
        Assert.Equal(("backup", "/srv/run"), (options.SocketGroup, options.RuntimeDirectory));
    }

    [Theory]
    [InlineData("history: { max_size: 1MiB }", 1)]
    [InlineData("history: { max_age: 1h }", 1)]
    [InlineData("history: { keep: 1h }\nlocal_socket: { mode: 666 }", 2)]
    [InlineData("history: {}\nlocal_socket: {}", 0)]
    public void Read_History_HasBoundsAndDefaults(string yaml, int problems)
    {
        var options = Read(yaml, out var found);

        Assert.Equal(problems, found.Items.Count);
        Assert.Equal(new HistoryLimits(64L << 20, TimeSpan.FromDays(400)), options.History);
        Assert.Equal(("", "/run/fleet-agent"), (options.SocketGroup, options.RuntimeDirectory));
    }

    [Theory]
    [InlineData("inventory: { interval: off }", null, 0)]
    [InlineData("inventory: {}", 300, 0)]
    [InlineData("", 300, 0)]
    [InlineData("inventory: { interval: 1s }", 300, 1)]
    public void Read_Inventory_IsOffOrHasAnInterval(string yaml, int? seconds, int problems)
    {
        var options = Read(yaml, out var found);

        Assert.Equal(seconds, (int?)options.InventoryInterval?.TotalSeconds);
        Assert.Equal(problems, found.Items.Count);
    }

    [Fact]
    public void Read_ManyProblems_AllAreReportedWithTheirLines()
    {
        Read("""
            coordinator: ["ftp://x"]
            name: "Not A Name"
            runs: { max_concurrent: 0, ionice: realtime }
            log_level: loud
            stat_directory: /x
            """, out var problems);
        Assert.Equal([1, 2, 3, 3, 4, 5], problems.Items.Select(p => p.Line).Order());
        Assert.Contains(problems.Items, p => p.Message.Contains("state_directory", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_DefaultFileMissing_DefaultsHold()
    {
        var problems = new YamlProblems();
        Assert.Equal(2, AgentOptionsReader.Read(new ConfigurationFile(_folder.File("none"), IsNamed: false), problems).MaxConcurrentRuns);
        Assert.False(problems.Any);
    }

    [Fact]
    public void Read_NamedFileMissing_IsAProblem()
    {
        var problems = new YamlProblems();
        AgentOptionsReader.Read(ConfigurationFile.Of(_folder.File("agnet.yaml")), problems);
        Assert.Contains("no such file", Assert.Single(problems.Items).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new string[0], "run", "")]
    [InlineData(new[] { "check", "--json" }, "check", "")]
    [InlineData(new[] { "--config=/x", "enroll", "a", "b", "--label", "k=v" }, "enroll", "")]
    [InlineData(new[] { "check", "--jsn" }, "check", "unknown option --jsn")]
    [InlineData(new[] { "run", "--config" }, "run", "--config needs a value")]
    public void CommandLine_Words_AreTakenApart(string[] arguments, string verb, string problem)
    {
        var line = CommandLine.Parse(arguments, out var found);
        Assert.Equal((verb, problem), (line.Verb, found));
    }

    private AgentOptions Read(string yaml, out YamlProblems problems)
    {
        problems = new YamlProblems();
        return AgentOptionsReader.Read(ConfigurationFile.Of(_folder.Write("agent.yaml", yaml)), problems);
    }
}
