using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Prints log lines as they arrive, until the run is finished.</summary>
internal static class LogFollowing
{
    /// <returns>The finished run.</returns>
    public static async Task<Run> FollowAsync(Invocation invocation, Run run, LogPrinter printer)
    {
        var newest = run;
        while (!RunTable.IsFinished(newest.State))
        {
            var asked = new WatchRunRequest();
            var first = true;
            await new Reconnecting(invocation.Environment).ReadAsync(
                token =>
                {
                    // The number refers to lines of the newest attempt.
                    asked = new WatchRunRequest { RunId = run.RunId, LogAfter = printer.Attempt == newest.Attempt ? printer.Number : 0 };
                    first = true;
                    return invocation.Connection.Fleet.WatchRun(asked, FleetConnection.Stream(token));
                },
                update =>
                {
                    if (update.KindCase == WatchRunResponse.KindOneofCase.Log)
                    {
                        printer.Print(update.Log);
                        invocation.Out.Flush();
                    }
                    else if (update.KindCase == WatchRunResponse.KindOneofCase.Run)
                    {
                        // Another attempt has begun, and its first lines were left out, so ask again.
                        var otherAttempt = first && asked.LogAfter > 0 && update.Run.Attempt != newest.Attempt;
                        (first, newest) = (false, update.Run);
                        return ValueTask.FromResult(!otherAttempt && !RunTable.IsFinished(newest.State));
                    }

                    return ValueTask.FromResult(true);
                },
                (why, pause) => invocation.Out.Note($"lost the coordinator ({why}); trying again in {HumanText.Span(pause)}"),
                endsByItself: false,
                invocation.Cancellation);
        }

        return newest;
    }
}
