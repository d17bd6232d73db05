using System.Globalization;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Events;

/// <summary>
/// EventService. Each subscriber reads pages at its own pace and is only notified that there is more: a slow one holds
/// up nobody and costs no memory.
/// </summary>
internal sealed class EventRpc(FleetStore store, EventHead head, EventTail tail, TimeProvider clock, IHostApplicationLifetime lifetime)
    : EventService.EventServiceBase
{
    /// <summary>Trailer with the oldest event that is kept; sent with an expired cursor.</summary>
    public const string OldestTrailer = "fleet-oldest-sequence";

    private const int PageSize = 500;
    private static readonly TimeSpan DefaultHeartbeat = TimeSpan.FromSeconds(15);

    public override async Task Subscribe(
        SubscribeRequest request, IServerStreamWriter<SubscribeResponse> responseStream, ServerCallContext context)
    {
        var filter = new EventFilter(request);
        var heartbeat = HeartbeatOf(request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await FollowAsync(request, filter, heartbeat, responseStream, stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw FleetError.Create(
                StatusCode.Unavailable,
                Reason.Unavailable,
                "the coordinator is shutting down",
                "subscribe again with the last sequence that you have seen");
        }
    }

    private async Task FollowAsync(
        SubscribeRequest request,
        EventFilter filter,
        TimeSpan heartbeat,
        IServerStreamWriter<SubscribeResponse> stream,
        CancellationToken cancellationToken)
    {
        var cursor = await BeginAsync(request.AfterSequence, cancellationToken);
        var replayTo = await store.ReadAsync(EventStore.Newest, cancellationToken);
        var quietSince = clock.GetTimestamp();
        var (canJump, worthJumping) = (filter.IsNarrow, true);
        while (true)
        {
            if (canJump && worthJumping && store.LastEventSequence - cursor > PageSize && !tail.Holds(cursor))
            {
                // Far behind, and only some events are wanted.
                if (await JumpAsync(filter, cursor, stream, cancellationToken) is { } jump)
                {
                    worthJumping = IsWorthJumping(jump.Sent, jump.UpTo - cursor);
                    cursor = jump.UpTo;
                    quietSince = clock.GetTimestamp();
                    continue;
                }

                canJump = false;
            }

            var page = await tail.AfterAsync(cursor, PageSize, cancellationToken);
            if (page.Count > 0 && page[0].Sequence != cursor + 1)
            {
                // Old events were deleted while this subscriber was busy: it must learn that there is a gap.
                throw Expired(cursor, page[0].Sequence);
            }

            var sent = 0;
            foreach (var fact in page)
            {
                cursor = fact.Sequence;
                if (filter.Matches(fact))
                {
                    await stream.WriteAsync(new SubscribeResponse { Event = fact }, cancellationToken);
                    quietSince = clock.GetTimestamp();
                    sent++;
                }
            }

            worthJumping = IsWorthJumping(sent, page.Count);

            if (request.ReplayOnly && cursor >= replayTo)
            {
                await BeatAsync(stream, cursor, cancellationToken);
                return;
            }

            if (page.Count == PageSize)
            {
                continue;
            }

            var left = heartbeat - clock.GetElapsedTime(quietSince);
            if (left <= TimeSpan.Zero || !await WaitAsync(cursor, left, cancellationToken))
            {
                await BeatAsync(stream, cursor, cancellationToken);
                quietSince = clock.GetTimestamp();
            }
        }
    }

    /// <summary>Looking up one event takes about as long as reading four in sequence.</summary>
    private static bool IsWorthJumping(int wanted, long all) => wanted < all / 4;

    /// <summary>Sends the next of the events that are wanted.</summary>
    /// <returns>The sequence up to which all were sent, and how many; null if reading everything is the quickest way.</returns>
    private async Task<(long UpTo, int Sent)?> JumpAsync(
        EventFilter filter, long cursor, IServerStreamWriter<SubscribeResponse> stream, CancellationToken cancellationToken)
    {
        var (oldest, found) = await store.ReadAsync(
            reader => (EventStore.Oldest(reader), EventSearch.Page(reader, filter, cursor, EventStore.Newest(reader), PageSize)),
            cancellationToken);
        if (oldest > cursor + 1)
        {
            throw Expired(cursor, oldest);
        }

        if (found is not { } page)
        {
            return null;
        }

        foreach (var fact in page.Events)
        {
            await stream.WriteAsync(new SubscribeResponse { Event = fact }, cancellationToken);
        }

        return (page.UpTo, page.Events.Count);
    }

    private async Task<long> BeginAsync(long after, CancellationToken cancellationToken)
    {
        var (oldest, newest) = await store.ReadAsync(reader => (EventStore.Oldest(reader), EventStore.Newest(reader)), cancellationToken);
        return after switch
        {
            -1 => newest,
            < -1 => throw FleetError.InvalidArgument("after_sequence", "must be a sequence, 0 (from the oldest kept) or -1 (from now on)"),
            0 => Math.Max(oldest - 1, 0),
            _ when after < oldest - 1 => throw Expired(after, oldest),
            _ when after > newest => throw FleetError.Create(
                StatusCode.OutOfRange,
                Reason.CursorExpired,
                $"event {after} is newer than the newest one, {newest}: the coordinator's store was restored from a backup or created "
                + "again",
                "start over with after_sequence 0",
                extraTrailers: [new(OldestTrailer, Text(oldest))]),
            _ => after,
        };
    }

    /// <returns>False if nothing new came within the time.</returns>
    private async Task<bool> WaitAsync(long cursor, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var timeout = Task.Delay(atMost, clock, stop.Token);
            var moved = head.WaitBeyondAsync(cursor, stop.Token);
            var first = await Task.WhenAny(moved, timeout);
            await first;
            return first == moved;
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private async Task BeatAsync(IServerStreamWriter<SubscribeResponse> stream, long cursor, CancellationToken cancellationToken) =>
        await stream.WriteAsync(
            new SubscribeResponse
            {
                Heartbeat = new EventHeartbeat { Sequence = cursor, At = Timestamp.FromDateTimeOffset(clock.GetUtcNow()) },
            },
            cancellationToken);

    private static TimeSpan HeartbeatOf(SubscribeRequest request)
    {
        if (request.HeartbeatInterval is not { } asked)
        {
            return DefaultHeartbeat;
        }

        return asked.Seconds is >= 1 and <= 300 && asked.ToTimeSpan() <= TimeSpan.FromMinutes(5)
            ? asked.ToTimeSpan()
            : throw FleetError.InvalidArgument("heartbeat_interval", "must be 1 s to 5 min");
    }

    private static RpcException Expired(long after, long oldest) => FleetError.Create(
        StatusCode.OutOfRange,
        Reason.CursorExpired,
        $"events after {after} are no longer kept: the oldest one is {oldest}",
        $"start over with after_sequence {oldest - 1}, or 0, and fetch by other means what happened before",
        extraTrailers: [new(OldestTrailer, Text(oldest))]);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
