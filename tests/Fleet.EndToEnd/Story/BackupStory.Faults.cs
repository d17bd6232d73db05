using Fleet.EndToEnd.Commands;
using Fleet.EndToEnd.Network;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.EndToEnd.Story;

public sealed partial class BackupStory
{
    [Fact, Trait(ChapterOrder.Chapter, "30")]
    public async Task CoordinatorKilled_InTheMiddleOfARun_RunGoesOnAndItsResultArrives()
    {
        var run = await StartSlowRunAsync(estate.Alpha);
        await KillAsync(estate.Coordinator, "fleet-coordinator");
        var ended = await SucceededAsync(estate.Alpha, run);
        Assert.Equal(1, ended.Attempt);
    }

    [Fact, Trait(ChapterOrder.Chapter, "31")]
    public async Task AgentKilled_InTheMiddleOfARun_RunIsInterruptedAndRetried()
    {
        var run = await StartSlowRunAsync(estate.Alpha);
        await KillAsync(estate.Alpha, "fleet-agent");
        var ended = await SucceededAsync(estate.Alpha, run);
        Assert.Equal(2, ended.Attempt);
        await story.Followed.WaitAsync("a retry", ServiceTimeout, e => e.Type == "run.retrying" && e.Run == run.RunId);
    }

    [Fact, Trait(ChapterOrder.Chapter, "32")]
    public async Task NetworkCut_ForAMinute_NoticedAndEverythingArrivesAfterwards()
    {
        var run = await StartSlowRunAsync(estate.Alpha);
        var cut = TimeProvider.System.GetTimestamp();
        await TestNetwork.CutAsync(estate.Alpha.Name);
        try
        {
            await Eventually.HoldsAsync("the coordinator notices", TimeSpan.FromSeconds(25),
                async () => await StateAsync(estate.Alpha) == HostState.Offline);
            await Eventually.HoldsAsync("a minute has passed", TimeSpan.FromSeconds(90),
                () => Task.FromResult(TimeProvider.System.GetElapsedTime(cut) > TimeSpan.FromMinutes(1)));
        }
        finally
        {
            await TestNetwork.MendAsync(estate.Alpha.Name);
        }

        await OnlineAsync(estate.Alpha, ServiceTimeout);
        var ended = await SucceededAsync(estate.Alpha, run);
        Assert.Equal(1, ended.Attempt);
        await ScheduledSuccessesAsync(estate.Alpha, 1);
    }

    [Fact, Trait(ChapterOrder.Chapter, "33")]
    public async Task DiskFull_UnderTheAgentsState_ResultInFlightArrivesAndWorkGoesOnAfterwards()
    {
        const string State = "/var/lib/fleet-agent";
        var before = (await Fleet.HostAsync("beta")).HostId;
        await MoveStateToSmallDiskAsync(State);
        await OnlineAsync(estate.Beta, ServiceTimeout);
        Assert.Equal(before, (await Fleet.HostAsync("beta")).HostId);

        var run = await StartSlowRunAsync(estate.Beta);
        await estate.Beta.TryAsync(Command.DefaultTimeout, "dd", "if=/dev/zero", $"of={State}/filler", "bs=4k");
        await SucceededAsync(estate.Beta, run);
        await Eventually.HoldsAsync("the host says that its disk is full", ServiceTimeout,
            async () => (await Fleet.HostAsync("beta")).StateError.Length > 0,
            () => estate.Beta.JournalAsync("fleet-agent"));

        await estate.Beta.RunAsync("rm", $"{State}/filler");
        await ScheduledSuccessesAsync(estate.Beta, 2);
        await SucceededAsync(estate.Beta, await StartSlowRunAsync(estate.Beta));
        Assert.Equal("", (await Fleet.HostAsync("beta")).StateError);
    }

    /// <summary>Puts the agent's state onto a file system of its own that is soon full.</summary>
    private async Task MoveStateToSmallDiskAsync(string state)
    {
        await estate.Beta.RunAsync("systemctl", "stop", "fleet-agent");
        await estate.Beta.ShellAsync($"""
            cp -a {state} /root/state
            mount -t tmpfs -o size=48m,mode=0700 fleet-state {state}
            cp -a /root/state/. {state}/
            """);
        await estate.Beta.RunAsync("systemctl", "start", "fleet-agent");
    }
}
