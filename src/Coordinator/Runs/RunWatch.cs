using System.Threading.Channels;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Runs;

/// <summary>
/// FleetService.WatchRun. Changes only wake the watcher, which then reads what is new: a slow watcher misses steps but never
/// holds up anybody.
/// </summary>
internal sealed class RunWatch(FleetStore store, IGrainFactory grains, EventHead head, RunQueries queries, TimeProvider clock)
{
    private const int LinesPerRead = 500;
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    public async Task RunAsync(WatchRunRequest request, IServerStreamWriter<WatchRunResponse> stream, CancellationToken cancellationToken)
    {
        var runId = (await store.ReadAsync(reader => RunQueries.Resolve(reader, request.RunId), cancellationToken)).RunId;
        var watcher = new Watcher();
        var reference = grains.CreateObjectReference<IRunObserver>(watcher);
        var grain = grains.GetGrain<IRunGrain>(runId);
        try
        {
            await grain.WatchAsync(reference);
            await FollowAsync(runId, request.LogAfter, watcher, () => grain.WatchAsync(reference), stream, cancellationToken);
        }
        finally
        {
            await grain.UnwatchAsync(reference);
            grains.DeleteObjectReference<IRunObserver>(reference);
            GC.KeepAlive(watcher);
        }
    }

    private async Task FollowAsync(
        string runId,
        long logAfter,
        Watcher watcher,
        Func<Task> renew,
        IServerStreamWriter<WatchRunResponse> stream,
        CancellationToken cancellationToken)
    {
        (RunState State, int Attempt, bool Cancelling)? told = null;
        (int Attempt, long Number) line = (-1, logAfter);
        var quietSince = clock.GetTimestamp();
        while (true)
        {
            // Take the head before reading: anything committed later wakes us again.
            var seen = head.Current;
            var (run, waiting) = await store.ReadAsync(
                reader => RunStore.Find(reader, runId) is { } row ? (row, RunQueries.WaitingFor(reader, row, clock.GetUtcNow())) : default,
                cancellationToken);
            if (run is null)
            {
                return;
            }

            var sent = false;
            var state = (run.State, run.Attempt, run.CancelReason is not null);
            if (!run.IsFinal && told != state)
            {
                told = state;
                await stream.WriteAsync(new WatchRunResponse { Run = await queries.CompleteAsync(run, waiting) }, cancellationToken);
                sent = true;
            }

            if (watcher.TakeProgress() is { } report && report.Attempt == run.Attempt && !run.IsFinal)
            {
                await stream.WriteAsync(
                    new WatchRunResponse { Progress = RunProgress.Parser.ParseFrom(report.Progress) }, cancellationToken);
                sent = true;
            }

            if (logAfter >= 0)
            {
                // The number refers to lines of the newest attempt; older attempts are not repeated.
                line = line.Attempt < 0 ? (Math.Max(run.Attempt, 1), logAfter) : line;
                (line, var lines) = await SendLinesAsync(runId, line, stream, cancellationToken);
                sent |= lines;
            }

            if (run.IsFinal)
            {
                await stream.WriteAsync(new WatchRunResponse { Run = await queries.CompleteAsync(run, "") }, cancellationToken);
                return;
            }

            if (sent)
            {
                quietSince = clock.GetTimestamp();
                continue;
            }

            var left = HeartbeatEvery - clock.GetElapsedTime(quietSince);
            if (left <= TimeSpan.Zero || !await WaitAsync(seen, watcher, left, cancellationToken))
            {
                quietSince = clock.GetTimestamp();
                await renew();
                await stream.WriteAsync(
                    new WatchRunResponse { Heartbeat = Timestamp.FromDateTimeOffset(clock.GetUtcNow()) }, cancellationToken);
            }
        }
    }

    private async Task<((int Attempt, long Number) Line, bool Sent)> SendLinesAsync(
        string runId, (int Attempt, long Number) line, IServerStreamWriter<WatchRunResponse> stream, CancellationToken cancellationToken)
    {
        var sent = false;
        while (true)
        {
            var lines = await store.ReadAsync(
                reader => RunLogStore.After(reader, runId, line.Attempt, line.Number, LinesPerRead), cancellationToken);
            foreach (var next in lines)
            {
                await stream.WriteAsync(new WatchRunResponse { Log = next }, cancellationToken);
                line = (next.Attempt, next.Number);
                sent = true;
            }

            if (lines.Count < LinesPerRead)
            {
                return (line, sent);
            }
        }
    }

    /// <returns>False if the time is over.</returns>
    private async Task<bool> WaitAsync(long seen, Watcher watcher, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var timeout = Task.Delay(atMost, clock, stop.Token);
            var first = await Task.WhenAny(head.WaitBeyondAsync(seen, stop.Token), watcher.WaitAsync(stop.Token), timeout);
            await first;
            return first != timeout;
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private sealed class Watcher : IRunObserver
    {
        private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        private ProgressReport? _progress;

        public Task ProgressedAsync(ProgressReport report)
        {
            Volatile.Write(ref _progress, report);
            Signal();
            return Task.CompletedTask;
        }

        public Task LoggedAsync()
        {
            Signal();
            return Task.CompletedTask;
        }

        public ProgressReport? TakeProgress() => Interlocked.Exchange(ref _progress, null);

        public async Task WaitAsync(CancellationToken cancellationToken) => await _signal.Reader.ReadAsync(cancellationToken);

        private void Signal() => _signal.Writer.TryWrite(true);
    }
}
