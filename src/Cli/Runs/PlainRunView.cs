using System.Threading.Channels;
using Fleet.Cli.Commands;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Shows runs without a terminal: one line for each change of state or attempt.</summary>
internal sealed class PlainRunView(Invocation invocation) : IRunView
{
    public async Task ShowAsync(
        RunBoard board, ChannelReader<(string RunId, WatchRunResponse Update)> updates, CancellationToken cancellation)
    {
        var shown = new Dictionary<string, (RunState State, int Attempt, string WaitingFor)>();
        await foreach (var (runId, update) in updates.ReadAllAsync(cancellation))
        {
            if (board.Take(runId, update) is not { } run)
            {
                continue;
            }

            var now = (run.State, run.Attempt, run.WaitingFor);
            if (!shown.TryGetValue(runId, out var before) || before != now)
            {
                shown[runId] = now;
                var attempt = run.Attempt > 1 ? $", attempt {run.Attempt}" : "";
                var summary = run.State == RunState.Running ? "" : RunTable.Summary(run);
                invocation.Out.Line(run.HostName, ": ", RunTable.StateCell(run), attempt, summary.Length > 0 ? $": {summary}" : "");
                invocation.Out.Flush();
            }
        }
    }
}
