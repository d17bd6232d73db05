using Fleet.EndToEnd.Commands;
using Fleet.EndToEnd.Machines;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.EndToEnd.Story;

/// <summary>
/// The life of a small fleet, from the installation of the packages to their removal. The chapters build on each other:
/// each is a test, and each file of this class holds those that belong together.
/// </summary>
[TestMethodOrderer(typeof(ChapterOrder))]
public sealed partial class BackupStory(Estate estate, StoryState story)
    : IClassFixture<StoryState>
{
    private const string Source = "/srv/data";
    private const string Destination = "/backup/data";

    /// <summary>What is copied so slowly that something can break in the middle of it.</summary>
    private const string LargeSource = "/srv/large";
    private const string LargeDestination = "/backup/large";

    private static readonly TimeSpan ServiceTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan RunTimeout = TimeSpan.FromSeconds(150);

    private FleetCommandLine Fleet => new(estate.Coordinator);

    /// <summary>Waits until a unit runs.</summary>
    private static Task ActiveAsync(Machine machine, string unit) => Eventually.HoldsAsync(
        $"{unit} is active on {machine.Name}", ServiceTimeout,
        async () => await PropertyAsync(machine, unit, "ActiveState") == "active",
        () => machine.JournalAsync(unit));

    private static async Task<string> PropertyAsync(Machine machine, string unit, string property) =>
        (await machine.RunAsync("systemctl", "show", "--value", "-p", property, unit + ".service")).Text;

    /// <summary>Kills the main process of a unit, and nothing else.</summary>
    private static async Task KillAsync(Machine machine, string unit) =>
        await machine.RunAsync("kill", "-KILL", await PropertyAsync(machine, unit, "MainPID"));

    /// <summary>Waits until the coordinator has the agent's stream.</summary>
    private Task OnlineAsync(Machine agent, TimeSpan timeout) => Eventually.HoldsAsync(
        $"{agent.Name} is online", timeout,
        async () => await StateAsync(agent) == HostState.Online,
        () => agent.JournalAsync("fleet-agent"));

    /// <summary>What the coordinator thinks of the agent; unspecified while it does not answer.</summary>
    private async Task<HostState> StateAsync(Machine agent)
    {
        try
        {
            return (await Fleet.HostAsync(agent.Name)).State;
        }
        catch (InvalidOperationException)
        {
            return HostState.Unspecified;
        }
    }

    /// <summary>Starts the slow policy and waits until its copy is on its way.</summary>
    private async Task<Run> StartSlowRunAsync(Machine agent)
    {
        await agent.RunAsync("rm", "-rf", LargeDestination);
        var run = await Fleet.StartAsync("slow", agent.Name);
        await Fleet.WaitAsync(run.RunId, RunTimeout, RunState.Running);
        await Eventually.HoldsAsync("rsync runs", RunTimeout,
            async () => (await agent.TryAsync(Command.DefaultTimeout, "pgrep", "-f", LargeDestination)).ExitCode == 0);
        return run;
    }

    /// <summary>Waits until the run has succeeded, and compares what it copied.</summary>
    private async Task<Run> SucceededAsync(Machine agent, Run run)
    {
        var ended = await Fleet.WaitAsync(run.RunId, RunTimeout, [.. Ended]);
        Assert.True(ended.State == RunState.Succeeded, $"{ended}\n{await agent.JournalAsync("fleet-agent")}");
        await agent.RunAsync("cmp", LargeSource + "/file", LargeDestination + "/file");
        return ended;
    }

    private static IEnumerable<RunState> Ended =>
    [
        RunState.Succeeded, RunState.Failed, RunState.Cancelled, RunState.TimedOut, RunState.Expired, RunState.Refused,
        RunState.Interrupted, RunState.Skipped,
    ];
}
