using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>
/// One stream from `zfs send` into `zfs receive`, with its rate, its progress, and the more telling one of their two errors.
/// </summary>
internal sealed class SendReceive(
    ReplicationSide source, ReplicationSide target, ActionContext context, Func<TimeSpan, TimeSpan> limit, long bytesPerSecond)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);

    /// <summary>What went through the pipe, over all streams. Unit: bytes.</summary>
    public long SentBytes { get; private set; }

    /// <param name="phase">For progress: "tank/data: sending @fleet_...".</param>
    /// <param name="expectedBytes">As zfs estimated it. Null if not known.</param>
    /// <returns>Null if the target has it all.</returns>
    public async Task<ZfsError?> RunAsync(
        string sourceDataset, IReadOnlyList<ToolArgument> send, string targetDataset, IReadOnlyList<ToolArgument> receive, string phase,
        long? expectedBytes, CancellationToken cancellationToken)
    {
        using var relay = new PipeRelay(context.Time, bytesPerSecond);
        if (relay.ReadEnd < 0 || relay.WriteEnd < 0)
        {
            return new ZfsError(ZfsErrorKind.NotStarted, "no more files can be opened", []);
        }

        var (sent, received) = (new StderrOnly(), new StderrOnly());
        relay.Start();
        var receiving = ReceiveAsync();
        var sending = SendAsync();
        await ReportAsync(relay, Task.WhenAll(sending, receiving), phase, expectedBytes);
        var (sendError, receiveError) = (await sending, await receiving);
        SentBytes += relay.Moved;

        // A broken stream says less than why the sender ended; a sender that nobody reads from any longer says less than the
        // receiver.
        return receiveError is null or { Kind: ZfsErrorKind.BrokenStream } && sendError is not null and not { Kind: ZfsErrorKind.Ended }
            ? sendError
            : receiveError ?? sendError;

        async Task<ZfsError?> SendAsync()
        {
            var error = await source.Query.RunAsync(
                "zfs", ZfsNames.PoolOf(sourceDataset), send, sent, sent.Errors, limit(TimeSpan.MaxValue), cancellationToken,
                r => r with { StandardOutput = relay.WriteEnd, OnStarted = _ => relay.LetGoOfWriteEnd() });
            relay.LetGoOfWriteEnd();
            return error;
        }

        async Task<ZfsError?> ReceiveAsync()
        {
            var error = await target.Query.RunAsync(
                "zfs", ZfsNames.PoolOf(targetDataset), receive, received, received.Errors, limit(TimeSpan.MaxValue), cancellationToken,
                r => r with { StandardInput = relay.ReadEnd, OnStarted = _ => relay.LetGoOfReadEnd() });
            relay.LetGoOfReadEnd();
            return error;
        }
    }

    private async Task ReportAsync(PipeRelay relay, Task both, string phase, long? expectedBytes)
    {
        var started = context.Time.GetTimestamp();
        do
        {
            var moved = relay.Moved;
            var seconds = Math.Max(context.Time.GetElapsedTime(started).TotalSeconds, 0.001);
            var rate = (long)(moved / seconds);
            var progress = new RunProgress { Phase = phase, BytesDone = SentBytes + moved, BytesPerSecond = rate };
            if (expectedBytes is { } expected and > 0)
            {
                // An estimate: a stream may turn out longer.
                progress.Percent = Math.Min(100.0 * moved / expected, 100);
                if (rate > 0 && moved <= expected)
                {
                    progress.Eta = Duration.FromTimeSpan(TimeSpan.FromSeconds((double)(expected - moved) / rate));
                }
            }

            context.Log.Progress(progress);
            await Task.WhenAny(both, Task.Delay(ReportEvery, context.Time));
        }
        while (!both.IsCompleted);
    }
}
