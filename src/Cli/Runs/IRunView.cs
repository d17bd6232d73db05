using System.Threading.Channels;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Shows runs while they are followed.</summary>
internal interface IRunView
{
    /// <summary>Takes updates into the board and shows them, until there are no more.</summary>
    Task ShowAsync(RunBoard board, ChannelReader<(string RunId, WatchRunResponse Update)> updates, CancellationToken cancellation);
}
