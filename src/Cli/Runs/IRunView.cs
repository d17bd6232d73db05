using System.Threading.Channels;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Shows runs while they are followed.</summary>
internal interface IRunView
{
    /// <summary>Applies updates to the board and shows them until the updates end.</summary>
    Task ShowAsync(RunBoard board, ChannelReader<(string RunId, WatchRunResponse Update)> updates, CancellationToken cancellation);
}
