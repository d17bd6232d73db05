using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>The last step of a command that has started runs.</summary>
internal static class StartedRuns
{
    /// <summary>The failure when a policy is run on all its hosts and has none.</summary>
    public static CliFailure NoHost(string policy) =>
        new(ExitCode.WrongState, $"{policy} applies to no host: nothing was started", "see its hosts and labels: fleet policy " + policy);

    /// <summary>Follows started runs to their ends, or only lists them.</summary>
    public static async Task<int> FinishAsync(Invocation invocation, IReadOnlyList<Run> runs, bool noFollow, bool allDeletions = false)
    {
        if (!noFollow)
        {
            return await RunFollowing.FollowAsync(invocation, runs, allDeletions);
        }

        if (invocation.Json)
        {
            invocation.Out.Message(new StartRunResponse { Runs = { runs } });
            return ExitCode.Ok;
        }

        foreach (var run in runs)
        {
            invocation.Out.Line($"{RunTable.ShortId(run.RunId)} ", RunTable.StateCell(run), $" on {run.HostName}");
        }

        return ExitCode.Ok;
    }
}
