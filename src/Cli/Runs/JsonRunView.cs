using System.Threading.Channels;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Prints one Run as JSON, on one line, for each change of state or attempt; the last line of each run is its end.</summary>
internal sealed class JsonRunView(Printer output) : IRunView
{
    public async Task ShowAsync(
        RunBoard board, ChannelReader<(string RunId, WatchRunResponse Update)> updates, CancellationToken cancellation)
    {
        await foreach (var (runId, update) in updates.ReadAllAsync(cancellation))
        {
            if (board.Take(runId, update) is { } run)
            {
                output.Message(run);
                output.Flush();
            }
        }
    }
}
