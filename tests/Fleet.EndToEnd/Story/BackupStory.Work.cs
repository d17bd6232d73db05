using System.Globalization;
using Fleet.EndToEnd.Commands;
using Fleet.EndToEnd.Machines;
using Fleet.EndToEnd.Network;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.EndToEnd.Story;

public sealed partial class BackupStory
{
    private string Address => $"https://{estate.Coordinator.Address}:7443";

    [Fact, Trait(ChapterOrder.Chapter, "10")]
    public async Task Enrol_TwoAgentsWithOneToken_BothOnline()
    {
        story.JoinToken = await Fleet.RunAsync("token", "create", "--uses", "2", "--note", "story");
        foreach (var agent in estate.Agents)
        {
            await agent.RunAsync("fleet-agent", "enroll", Address, story.JoinToken);
        }
        foreach (var agent in estate.Agents)
        {
            await OnlineAsync(agent, ServiceTimeout);
        }
    }

    [Fact, Trait(ChapterOrder.Chapter, "11")]
    public async Task Enrol_TokenUsedUp_RefusedAndSaysWhy()
    {
        var again = await estate.Beta.TryAsync(
            Command.DefaultTimeout, "fleet-agent", "enroll", "--force", "--name", "gamma", Address, story.JoinToken);
        Assert.NotEqual(0, again.ExitCode);
        Assert.Contains("token", again.Text + again.Errors, StringComparison.Ordinal);

        // What was refused has not cost the host its identity.
        await estate.Beta.RunAsync("systemctl", "restart", "fleet-agent");
        await OnlineAsync(estate.Beta, ServiceTimeout);
    }

    [Fact, Trait(ChapterOrder.Chapter, "12")]
    public async Task Follow_ForeignClientWithToken_SeesEnrolments()
    {
        const string File = "/root/dashboard.json";
        await Fleet.RunAsync("operator", "create", "dashboard", "--role", "viewer", "--output", File);
        story.Events = await EventFollower.StartAsync(
            estate.Coordinator.Root + File,
            $"{TestNetwork.Address(10)}:7443",
            Path.Combine(Path.GetDirectoryName(estate.Coordinator.Root)!, "follower"));
        foreach (var agent in estate.Agents)
        {
            await story.Followed.WaitAsync($"{agent.Name} enrolled", ServiceTimeout, e =>
                e.Type == "host.enrolled" && e.Host == agent.Name);
        }
    }

    [Fact, Trait(ChapterOrder.Chapter, "20")]
    public async Task Run_GuardAllowsNothing_RefusedNamingTheRule()
    {
        await FileTree.CreateAsync(estate.Alpha, Source);
        await Fleet.ApplyAsync($"""
            policy: unlisted
            hosts: [alpha]
            rsync:
              source: {Source}
              destination: /backup/unlisted
              mode: copy
            """);
        var run = await Fleet.StartAsync("unlisted", "alpha");
        var ended = await Fleet.WaitAsync(run.RunId, RunTimeout, [.. Ended]);
        Assert.Equal(RunState.Refused, ended.State);
        Assert.Contains("guard", ended.Result.Message + ended.Result.RefusedBy, StringComparison.Ordinal);
        await Fleet.RunAsync("delete", "unlisted");
    }

    [Fact, Trait(ChapterOrder.Chapter, "21")]
    public async Task Schedule_RsyncPolicyOnTwoHosts_ResultsArriveAndTreesAreEqual()
    {
        foreach (var agent in estate.Agents)
        {
            await agent.RunAsync("mkdir", "-p", "/backup", LargeSource);
            await agent.ShellAsync($"head -c 12M /dev/urandom > {LargeSource}/file");
            await File.WriteAllTextAsync(agent.Root + "/etc/fleet/guard.yaml", """
                rsync:
                  sources: [/srv]
                  destinations:
                    - path: /backup
                      allow: [copy, mirror]
                """);
            await agent.RunAsync("systemctl", "reload", "fleet-agent");
        }
        await FileTree.CreateAsync(estate.Beta, Source);

        await Fleet.ApplyAsync($"""
            policy: files
            hosts: [alpha, beta]
            every: 15s
            spread: 0s
            retry: {"{attempts: 5, backoff: 1s, max_backoff: 2s}"}
            rsync:
              source: {Source}
              destination: {Destination}
              mode: mirror
            ---
            policy: slow
            hosts: [alpha, beta]
            retry: {"{attempts: 5, backoff: 1s, max_backoff: 2s}"}
            rsync:
              source: {LargeSource}
              destination: {LargeDestination}
              mode: mirror
              bandwidth_limit: 800KiB
            """);

        foreach (var agent in estate.Agents)
        {
            await ScheduledSuccessesAsync(agent, 2);
            await FileTree.AssertEqualAsync(agent, Source, Destination);
        }
        foreach (var agent in estate.Agents)
        {
            await FileTree.ChangeAsync(agent, Source);
            await ScheduledSuccessesAsync(agent, 2);
            await FileTree.AssertEqualAsync(agent, Source, Destination);
        }
    }

    [Fact, Trait(ChapterOrder.Chapter, "22")]
    public async Task Metrics_BothHosts_FlowToThePrometheusPage()
    {
        await Eventually.HoldsAsync("metrics of both hosts", ServiceTimeout, async () =>
        {
            var page = (await estate.Coordinator.RunAsync("fleet", "metrics", "alpha")).Text;
            var text = await FleetPageAsync("/metrics/fleet");
            return page.Length > 0
                && estate.Agents.All(agent =>
                    text.Split('\n').Count(line => !line.StartsWith('#') && line.Contains($"\"{agent.Name}\"", StringComparison.Ordinal))
                    > 20);
        });
        Assert.Contains("# TYPE", await FleetPageAsync("/metrics"), StringComparison.Ordinal);
        await FleetPageAsync("/readyz");
    }

    /// <summary>Waits for runs of the schedule that were queued after now and succeeded.</summary>
    private async Task ScheduledSuccessesAsync(Machine agent, int count)
    {
        var known = (await Fleet.RunsAsync("--policy", "files", "--host", agent.Name)).Select(run => run.RunId).ToHashSet();
        await Eventually.HoldsAsync(
            string.Create(CultureInfo.InvariantCulture, $"{count} scheduled runs on {agent.Name}"), RunTimeout,
            async () => (await Fleet.RunsAsync("--policy", "files", "--host", agent.Name)).Count(run =>
                !known.Contains(run.RunId) && run.State == RunState.Succeeded
                && run.Trigger is RunTrigger.Schedule or RunTrigger.AgentSchedule) >= count,
            async () => (await Fleet.TryAsync("runs")).Text + "\n" + await agent.JournalAsync("fleet-agent"));
    }

    /// <summary>A page of the coordinator's HTTP listener, which only its own machine reaches.</summary>
    private async Task<string> FleetPageAsync(string path) => (await estate.Coordinator.RunAsync(
        "bash", "-euc", "exec 3<>/dev/tcp/127.0.0.1/7480; printf 'GET %s HTTP/1.0\\r\\n\\r\\n' \"$0\" >&3; IFS= read -r status <&3; [[ $status == *' 200 '* ]]; cat <&3", path)).Text;
}
