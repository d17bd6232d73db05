using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Events;

/// <summary>
/// The newest events, read from the store once for all subscribers that follow closely. Those that lag behind read their own
/// pages. Events in it are shared and never changed.
/// </summary>
internal sealed class EventTail(FleetStore store, EventHead head) : IDisposable
{
    private const int Kept = 2_048;

    private readonly SemaphoreSlim _loading = new(1, 1);

    /// <summary>Contiguous sequences. Replaced as a whole.</summary>
    private Event[] _events = [];

    /// <summary>Whether the event after a cursor is in memory.</summary>
    public bool Holds(long cursor) => Holds(Volatile.Read(ref _events), cursor);

    /// <summary>The events after a sequence, in order. May be only some of them; empty only if there are none.</summary>
    public async ValueTask<IReadOnlyList<Event>> AfterAsync(long cursor, int limit, CancellationToken cancellationToken)
    {
        var events = Volatile.Read(ref _events);
        if (Holds(events, cursor))
        {
            return Slice(events, cursor, limit);
        }

        if (events.Length > 0 && cursor < events[0].Sequence - 1)
        {
            return await store.ReadAsync(reader => EventStore.After(reader, cursor, limit), cancellationToken);
        }

        if (cursor >= head.Current)
        {
            return [];
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            events = Volatile.Read(ref _events);
            if (Holds(events, cursor))
            {
                return Slice(events, cursor, limit);
            }

            // Returned unchanged: a page that begins later than expected shows the subscriber that events were deleted.
            var page = await store.ReadAsync(reader => EventStore.After(reader, cursor, limit), cancellationToken);
            Volatile.Write(ref _events, Join(events, page));
            return page;
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose() => _loading.Dispose();

    /// <summary>Whether the event after a cursor is among them.</summary>
    private static bool Holds(Event[] events, long cursor) =>
        events.Length > 0 && cursor >= events[0].Sequence - 1 && cursor < events[^1].Sequence;

    private static ArraySegment<Event> Slice(Event[] events, long cursor, int limit)
    {
        var from = (int)(cursor + 1 - events[0].Sequence);
        return new ArraySegment<Event>(events, from, Math.Min(limit, events.Length - from));
    }

    /// <summary>A page that does not continue the tail replaces it.</summary>
    private static Event[] Join(Event[] events, List<Event> page)
    {
        if (page.Count == 0)
        {
            return events;
        }

        if (events.Length == 0 || page[0].Sequence != events[^1].Sequence + 1)
        {
            return [.. page];
        }

        var keep = Math.Min(events.Length, Math.Max(0, Kept - page.Count));
        return [.. events.AsSpan(events.Length - keep), .. page];
    }
}
