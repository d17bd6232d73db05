using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Fleet.Agent.Tests.Children;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Reload;

public sealed class ReloadTests
{
    private const string GuardsSleep = """
        commands:
          - program: /bin/sleep
            arguments: ["*"]

        """;

    [Fact]
    public async Task Reload_ChangedFile_EveryNewValueHolds()
    {
        await using var agent = await AgentProcess.StartAsync(
            "labels: {site: attic}\nmetrics: {interval: 1h}\nruns: {max_concurrent: 1}\nlog_level: warning\n", GuardsSleep);
        agent.Order("first", "/bin/sleep", "1000");
        agent.Order("second", "/bin/sleep", "1000");
        await Eventually.TrueAsync(() => agent.HasStarted("first"), "the first run starts");
        await agent.CatchUpAsync();
        Assert.False(agent.HasStarted("second"));
        Assert.Equal("attic", agent.Received.Last(m => m.Hello is not null).Hello.Labels["site"]);
        Assert.DoesNotContain(agent.Output.Lines, l => l.Text.Contains(" Information ", StringComparison.Ordinal));

        agent.Configure("labels: {site: cellar}\nmetrics: {interval: 1s}\nruns: {max_concurrent: 2}\nlog_level: information\n");
        var notice = await agent.ReloadAsync();
        Assert.Equal(("configuration_reloaded", $"{agent.ConfigurationFile} was reloaded"), (notice.Code, notice.Message));
        await agent.Output.WaitForAsync(l =>
            l.Contains($" Information Agent: Configuration {agent.ConfigurationFile} was reloaded", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => agent.HasStarted("second"), "there is room for the second run");
        await Eventually.TrueAsync(
            () => agent.Received.Any(m => m.Hello?.Labels["site"] == "cellar"), "the coordinator hears of the new labels");
        var before = Rounds(agent);
        await Eventually.TrueAsync(() => Rounds(agent) >= before + 2, "metrics come every second");
    }

    [Fact]
    public async Task Reload_BrokenFile_IsRefusedWithItsPlaceAndNothingOfItHolds()
    {
        await using var agent = await AgentProcess.StartAsync("runs: {max_concurrent: 1}\n", GuardsSleep);
        agent.Configure("runs: {max_concurrent: 2}\nlabels: {site: cellar}\nlog_level: loud\nnonsense: 1\n");
        var notice = await agent.ReloadAsync();
        var place = $"{agent.ConfigurationFile}:5:12: log_level: must be one of trace, debug";
        Assert.Equal("configuration_refused", notice.Code);
        Assert.Contains($"the old one stays in use: {place}", notice.Message, StringComparison.Ordinal);

        // All of it on one line of the log.
        var line = await agent.Output.WaitForAsync(l =>
            l.Contains(" Error Agent: The new configuration has problems", StringComparison.Ordinal));
        Assert.Contains(place, line, StringComparison.Ordinal);
        Assert.Contains($"{agent.ConfigurationFile}:6:1: unknown key ", line, StringComparison.Ordinal);

        agent.Order("first", "/bin/sleep", "1000");
        agent.Order("second", "/bin/sleep", "1000");
        await Eventually.TrueAsync(() => agent.HasStarted("first"), "the first run starts");
        await agent.CatchUpAsync();
        Assert.False(agent.HasStarted("second"));
        Assert.Empty(Assert.Single(agent.Received, m => m.Hello is not null).Hello.Labels);

        agent.Configure("runs: {max_concurrent: 2}\n");
        Assert.Equal("configuration_reloaded", (await agent.ReloadAsync()).Code);
        await Eventually.TrueAsync(() => agent.HasStarted("second"), "the corrected file holds");
    }

    [Fact]
    public async Task Reload_AnotherStateDirectory_IsRefusedAndLeftAlone()
    {
        await using var agent = await AgentProcess.StartAsync("", GuardsSleep);
        await File.WriteAllTextAsync(
            agent.ConfigurationFile,
            $"state_directory: {agent.File("elsewhere")}\nguard_file: {agent.File("guard.yaml")}\n",
            TestContext.Current.CancellationToken);
        var notice = await agent.ReloadAsync();
        Assert.Equal("configuration_refused", notice.Code);
        Assert.Contains(
            $"{agent.ConfigurationFile}: state_directory: cannot change while the agent runs: restart it",
            notice.Message,
            StringComparison.Ordinal);
        await agent.Output.WaitForAsync(l => l.Contains("state_directory: cannot change while the agent runs", StringComparison.Ordinal));
        Assert.False(Directory.Exists(agent.File("elsewhere")));

        agent.Order("run", "/bin/sleep", "0");
        Assert.Equal(ActionOutcome.Succeeded, (await agent.ResultAsync("run")).Outcome);
    }

    [Theory]
    [InlineData("log_level: warning\n", "configuration_reloaded")]
    [InlineData("log_level: loud\n", "configuration_refused")]
    public async Task Reload_UnderSystemd_SaysWhenItBeginsAndThatItIsReadyAgain(string configuration, string expected)
    {
        await using var agent = await AgentProcess.StartAsync("", GuardsSleep);
        var told = agent.Notifications.Count;
        agent.Configure(configuration);

        // CLOCK_MONOTONIC, as sd_notify(3) asks for.
        var before = Microseconds();
        Assert.Equal(expected, (await agent.ReloadAsync()).Code);
        await Eventually.TrueAsync(() => About(agent, told).Count >= 2, "the service manager is told");
        var after = Microseconds();
        Assert.Collection(
            About(agent, told),
            first =>
            {
                var match = Regex.Match(first, @"\ARELOADING=1\nMONOTONIC_USEC=([0-9]+)\z");
                Assert.True(match.Success, first);
                Assert.InRange(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), before, after);
            },
            second => Assert.Equal("READY=1", second));
    }

    [Fact]
    public async Task Guard_ChangedFile_HoldsForTheNextRunWithoutAReload()
    {
        await using var agent = await AgentProcess.StartAsync("", "commands: []\n");
        agent.Order("before", "/bin/sleep", "0");
        var refused = await agent.ResultAsync("before");
        Assert.Equal((ActionOutcome.Refused, $"{agent.File("guard.yaml")}: commands, default deny"), (refused.Outcome, refused.RefusedBy));

        agent.Guard(GuardsSleep);
        agent.Order("allowed", "/bin/sleep", "0");
        Assert.Equal(ActionOutcome.Succeeded, (await agent.ResultAsync("allowed")).Outcome);

        agent.Guard("commands: [{program: /bin/sleep, arguments: [0, 0]}]\nnonsense: 1\n");
        agent.Order("broken", "/bin/sleep", "0");
        refused = await agent.ResultAsync("broken");
        Assert.Equal(ActionOutcome.Refused, refused.Outcome);
        Assert.Contains($"{agent.File("guard.yaml")}:2:1: unknown key ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_AnotherGuardFile_HoldsForTheNextRunAndIsTold()
    {
        await using var agent = await AgentProcess.StartAsync("", "commands: []\n");
        Assert.Empty(Assert.Single(agent.Received, m => m.Hello is not null).Hello.AllowedActions);
        await File.WriteAllTextAsync(agent.File("other.yaml"), GuardsSleep, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            agent.ConfigurationFile, $"state_directory: {agent.StateDirectory}\nruntime_directory: {agent.RuntimeDirectory}\nguard_file: {agent.File("other.yaml")}\n", TestContext.Current.CancellationToken);
        Assert.Equal("configuration_reloaded", (await agent.ReloadAsync()).Code);
        await Eventually.TrueAsync(
            () => agent.Received.Any(m => m.Hello?.AllowedActions is ["command"]), "the coordinator hears what the guard allows now");
        agent.Order("run", "/bin/sleep", "0");
        Assert.Equal(ActionOutcome.Succeeded, (await agent.ResultAsync("run")).Outcome);
    }

    private static int Rounds(AgentProcess agent) =>
        agent.Received.Where(m => m.Metrics is not null).Select(m => m.Metrics.CollectedAt).Distinct().Count();

    /// <summary>What the service manager was told about the reload: status lines come as they come.</summary>
    private static List<string> About(AgentProcess agent, int told) =>
        [.. agent.Notifications.Skip(told).Where(n => !n.StartsWith("STATUS=", StringComparison.Ordinal) && n != "WATCHDOG=1")];

    private static long Microseconds() => (long)(Stopwatch.GetTimestamp() * (1_000_000.0 / Stopwatch.Frequency));
}
