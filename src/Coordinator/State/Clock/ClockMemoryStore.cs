using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Coordinator.State.Clock;

/// <summary>The table trusted_clock, and other data in the store that shows the time.</summary>
internal static class ClockMemoryStore
{
    /// <summary>A host agrees if its clock differs by less than this.</summary>
    private static readonly TimeSpan Agreement = TimeSpan.FromHours(1);

    public static TrustedReading? Read(StoreReader reader) => reader.First(
        "SELECT wall, since_boot, boot_id, suspect_since, suspect_jump FROM trusted_clock WHERE id = 1",
        static row => new TrustedReading(
            new ClockReading(row.Instant(0), TimeSpan.FromMilliseconds(row.GetInt64(1)), row.GetString(2)),
            row.InstantOrNull(3),
            TimeSpan.FromMilliseconds(row.IsDBNull(4) ? 0 : row.GetInt64(4))));

    /// <summary>For a store of a release without this table: the newest event was recorded by a clock that was trusted then.</summary>
    public static TrustedReading? OfNewestEvent(StoreReader reader) =>
        EventStore.NewestAt(reader) is { } at ? new TrustedReading(new ClockReading(at, TimeSpan.Zero, ""), null, TimeSpan.Zero) : null;

    public static void Trust(StoreTransaction transaction, ClockReading reading) => Save(transaction, reading, null, null);

    public static void Suspect(StoreTransaction transaction, TrustedReading memory, DateTimeOffset since, TimeSpan jump) =>
        Save(transaction, memory.Reading, since, jump);

    /// <summary>
    /// How many hosts, on machines of their own, have connected since the jump and have the same time; 0 if they are not the majority.
    /// </summary>
    public static long HostsAgree(StoreReader reader, DateTimeOffset since, string bootId)
    {
        const string Came =
            "SELECT count(*) FROM hosts WHERE removed_at IS NULL AND connected = 1 AND connected_at > $since AND boot_id <> $boot";
        (string, object?)[] parameters = [("$since", since.ToColumn()), ("$boot", bootId)];
        var all = reader.Number(Came, parameters);
        var agree = reader.Number(
            Came + " AND abs(clock_offset_ms) <= $most", [.. parameters, ("$most", (long)Agreement.TotalMilliseconds)]);
        return agree * 2 > all ? agree : 0;
    }

    private static void Save(StoreTransaction transaction, ClockReading reading, DateTimeOffset? suspectSince, TimeSpan? jump) =>
        transaction.Execute(
            """
            INSERT INTO trusted_clock (id, wall, since_boot, boot_id, suspect_since, suspect_jump)
            VALUES (1, $wall, $since, $boot, $suspect, $jump)
            ON CONFLICT (id) DO UPDATE SET wall = $wall, since_boot = $since, boot_id = $boot, suspect_since = $suspect,
            suspect_jump = $jump
            """,
            ("$wall", reading.Wall.ToColumn()),
            ("$since", (long)reading.SinceBoot.TotalMilliseconds),
            ("$boot", reading.BootId),
            ("$suspect", suspectSince.ToColumn()),
            ("$jump", jump is { } far ? (long)far.TotalMilliseconds : null));
}
