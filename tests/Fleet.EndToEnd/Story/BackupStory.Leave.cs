using Fleet.EndToEnd.Commands;
using Fleet.EndToEnd.Packages;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.EndToEnd.Story;

public sealed partial class BackupStory
{
    [Fact, Trait(ChapterOrder.Chapter, "40")]
    public async Task UpgradeAgent_InTheMiddleOfARun_StreamBackInTenSecondsAndRunRetried()
    {
        var before = await Fleet.HostAsync("alpha");
        var run = await StartSlowRunAsync(estate.Alpha);
        await estate.InstallAsync(estate.Alpha, "fleet-agent", next: true);
        var installed = TimeProvider.System.GetTimestamp();

        var after = await Eventually.GetAsync("alpha is back with the new version", ServiceTimeout, async () =>
            await Fleet.HostAsync("alpha") is { State: HostState.Online, AgentVersion: PackageBuild.NextVersion } host ? host : null,
            () => estate.Alpha.JournalAsync("fleet-agent"));
        var away = TimeProvider.System.GetElapsedTime(installed);
        Assert.True(away < TimeSpan.FromSeconds(10), $"the stream was away for {away}");
        Assert.Equal(before.HostId, after.HostId);

        var ended = await SucceededAsync(estate.Alpha, run);
        Assert.Equal(2, ended.Attempt);
        await story.Followed.WaitAsync("a retry", ServiceTimeout, e => e.Type == "run.retrying" && e.Run == run.RunId);
    }

    [Fact, Trait(ChapterOrder.Chapter, "41")]
    public async Task UpgradeCoordinator_StateKeptAndAgentsBack()
    {
        var before = (await Fleet.RunsAsync()).Select(run => run.RunId).ToList();
        await estate.InstallAsync(estate.Coordinator, "fleet-coordinator", next: true);
        await ActiveAsync(estate.Coordinator, "fleet-coordinator");
        foreach (var agent in estate.Agents)
        {
            await OnlineAsync(agent, ServiceTimeout);
        }
        Assert.Equal(PackageBuild.NextVersion, (await Fleet.StatusAsync()).CoordinatorVersion);
        Assert.Subset((await Fleet.RunsAsync()).Select(run => run.RunId).ToHashSet(), before.ToHashSet());
    }

    [Fact, Trait(ChapterOrder.Chapter, "50")]
    public async Task Ledger_AfterAllOfIt_EveryRunHasOneResultAndEveryEventOneSequence()
    {
        foreach (var agent in estate.Agents)
        {
            await FileTree.ChangeAsync(agent, Source);
            await ScheduledSuccessesAsync(agent, 2);
        }
        await Fleet.RunAsync("delete", "files");
        await Eventually.HoldsAsync("no run is open", RunTimeout,
            async () => (await Fleet.RunsAsync()).All(run => Ended.Contains(run.State)));
        foreach (var agent in estate.Agents)
        {
            await FileTree.AssertEqualAsync(agent, Source, Destination);
        }

        var runs = await Fleet.RunsAsync();
        var last = (await Fleet.StatusAsync()).LastEventSequence;
        await story.Followed.WaitAsync($"number {last}", ServiceTimeout, e => e.Sequence >= last);
        var events = story.Followed.Read();

        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(e => e.Sequence));
        var ends = events.Where(e => e.EndsRun).ToList();
        Assert.Equal(ends.Count, ends.Select(e => e.Run).Distinct().Count());
        Assert.Equal(runs.Select(run => run.RunId).Order(), ends.Select(e => e.Run).Order());
        Assert.Equal(runs.Count, runs.Select(run => run.RunId).Distinct().Count());
        Assert.All(runs.Where(run => run.State is RunState.Succeeded or RunState.Failed), run => Assert.NotNull(run.Result));

        var instants = runs.Where(run => run.Trigger != RunTrigger.Manual)
            .Select(run => (run.Policy, run.HostName, run.ScheduledAt))
            .ToList();
        Assert.Equal(instants.Count, instants.Distinct().Count());
    }

    [Fact, Trait(ChapterOrder.Chapter, "60")]
    public async Task RemoveAndPurge_Agent_StateStaysUntilPurged()
    {
        var alpha = estate.Alpha;
        await alpha.RunAsync("dpkg", "--remove", "fleet-agent");
        Assert.NotEqual("active", await PropertyAsync(alpha, "fleet-agent", "ActiveState"));
        Assert.Equal("", (await alpha.TryAsync(Command.DefaultTimeout, "pgrep", "-x", "fleet-agent")).Text);
        await alpha.RunAsync("test", "-e", "/var/lib/fleet-agent");
        await alpha.RunAsync("test", "-e", "/etc/fleet/guard.yaml");

        // Installed again, it is the same host as before.
        var host = await Fleet.HostAsync("alpha");
        await estate.InstallAsync(alpha, "fleet-agent", next: true);
        await OnlineAsync(alpha, ServiceTimeout);
        Assert.Equal(host.HostId, (await Fleet.HostAsync("alpha")).HostId);

        await alpha.RunAsync("dpkg", "--purge", "fleet-agent");
        await alpha.ShellAsync("! test -e /var/lib/fleet-agent && ! test -e /etc/fleet && ! test -e /usr/sbin/fleet-agent");
    }

    [Fact, Trait(ChapterOrder.Chapter, "61")]
    public async Task RemoveAndPurge_AgentWithStateOnItsOwnDisk_EmptiesTheDisk()
    {
        await estate.Beta.RunAsync("dpkg", "--purge", "fleet-agent");
        await estate.Beta.ShellAsync("test -z \"$(ls -A /var/lib/fleet-agent)\"");
    }

    [Fact, Trait(ChapterOrder.Chapter, "62")]
    public async Task RemoveAndPurge_Coordinator_StateStaysUntilPurged()
    {
        var machine = estate.Coordinator;
        await machine.RunAsync("dpkg", "--remove", "fleet-coordinator");
        await machine.RunAsync("test", "-e", "/var/lib/fleet-coordinator/fleet.db");
        await machine.RunAsync("dpkg", "--purge", "fleet-coordinator", "fleet-cli");
        await machine.ShellAsync("! test -e /var/lib/fleet-coordinator && ! test -e /etc/fleet && ! test -e /usr/bin/fleet");
        Assert.Equal("", (await machine.RunAsync("systemctl", "--failed", "--no-legend", "--plain")).Text);
    }
}
