using System.Threading.Channels;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Follows one or more runs to their ends, across lost connections. The runs do not depend on being followed.</summary>
internal static class RunFollowing
{
    private const int TailLines = 10;

    /// <param name="allDeletions">Whether to list everything that would be deleted, not only the first entries.</param>
    /// <returns>0 when all succeeded, 1 otherwise.</returns>
    public static async Task<int> FollowAsync(Invocation invocation, IReadOnlyList<Run> runs, bool allDeletions = false)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(invocation.Cancellation);
        var updates = Channel.CreateBounded<(string RunId, WatchRunResponse Update)>(1_024);
        var watching = WatchAllAsync(invocation, runs, updates.Writer, stop.Token);
        var board = new RunBoard(runs);
        IRunView view = invocation.Json ? new JsonRunView(invocation.Out)
            : invocation.Environment.Redraws ? new LiveRunView(invocation, board)
            : new PlainRunView(invocation);
        try
        {
            await view.ShowAsync(board, updates.Reader, stop.Token);
            await watching;
        }
        catch (OperationCanceledException) when (invocation.Cancellation.IsCancellationRequested)
        {
            invocation.Out.Note($"stopped following; the runs continue. To stop one: fleet cancel {RunTable.ShortId(runs[0].RunId)}");
            throw;
        }
        finally
        {
            await stop.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!invocation.Json)
        {
            PrintEnds(invocation, board, allDeletions);
        }

        return board.Runs.All(r => r.State == RunState.Succeeded) ? ExitCode.Ok : ExitCode.NotWell;
    }

    /// <summary>Waits for the end of a run without showing anything.</summary>
    public static async Task<Run> EndOfAsync(Invocation invocation, string runId)
    {
        await new Reconnecting(invocation.Environment).ReadAsync(
            token =>
                invocation.Connection.Fleet.WatchRun(new WatchRunRequest { RunId = runId, LogAfter = -1 }, FleetConnection.Stream(token)),
            update => ValueTask.FromResult(update.KindCase != WatchRunResponse.KindOneofCase.Run || !RunTable.IsFinished(update.Run.State)),
            (why, pause) => invocation.Out.Note($"lost the coordinator ({why}); trying again in {HumanText.Span(pause)}"),
            endsByItself: false,
            invocation.Cancellation);
        return await invocation.Connection.Fleet.GetRunAsync(new GetRunRequest { RunId = runId }, invocation.Connection.Unary);
    }

    private static async Task WatchAllAsync(
        Invocation invocation, IReadOnlyList<Run> runs, ChannelWriter<(string, WatchRunResponse)> updates, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(runs.Select(r => WatchAsync(invocation, r.RunId, updates, cancellation)));
            updates.Complete();
        }
        catch (Exception e)
        {
            updates.Complete(e);
            throw;
        }
    }

    private static async Task WatchAsync(
        Invocation invocation, string runId, ChannelWriter<(string, WatchRunResponse)> updates, CancellationToken cancellation)
    {
        await new Reconnecting(invocation.Environment).ReadAsync(
            token =>
                invocation.Connection.Fleet.WatchRun(new WatchRunRequest { RunId = runId, LogAfter = -1 }, FleetConnection.Stream(token)),
            async update =>
            {
                await updates.WriteAsync((runId, update), cancellation);
                return update.KindCase != WatchRunResponse.KindOneofCase.Run || !RunTable.IsFinished(update.Run.State);
            },
            (why, pause) =>
                invocation.Out.Note($"lost the coordinator ({why}); the run continues, trying again in {HumanText.Span(pause)}"),
            endsByItself: false,
            cancellation);
    }

    private static void PrintEnds(Invocation invocation, RunBoard board, bool allDeletions)
    {
        invocation.Out.Line("");
        RunTable.Print(invocation, board.Runs);
        foreach (var run in board.Runs)
        {
            PlanText.Print(invocation, run, allDeletions);
        }

        foreach (var run in board.Runs.Where(r => r.State != RunState.Succeeded))
        {
            invocation.Out.Line("");
            invocation.Out.Line(
                new Cell($"{run.HostName}: ", Tone.Strong), RunTable.StateCell(run), $": {run.Result?.Message ?? run.WaitingFor}");
            if (run.Result?.RefusedBy is { Length: > 0 } rule)
            {
                invocation.Out.Line($"  refused by: {rule}");
            }

            RunExcerpt.Print(invocation, run, TailLines);
            invocation.Out.Line(new Cell($"  all of it: fleet logs {RunTable.ShortId(run.RunId)}", Tone.Quiet));
        }
    }
}
