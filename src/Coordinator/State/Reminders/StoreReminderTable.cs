using System.Data.Common;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.State.Reminders;

/// <summary>Stores reminders of grains: they activate a grain again whatever happened to the process.</summary>
internal sealed class StoreReminderTable(FleetStore store) : IReminderTable
{
    private const string Select = "SELECT grain_id, name, start_at, period_ms, version FROM reminders";

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<ReminderTableData> ReadRows(GrainId grainId) =>
        new(await store.ReadAsync(reader => reader.Query(Select + " WHERE grain_id = $grain", Read, ("$grain", grainId.ToString()))));

    public async Task<ReminderTableData> ReadRows(uint begin, uint end) =>
        new(await store.ReadAsync(reader => reader.Query(
            Select + " WHERE CASE WHEN $begin < $end THEN hash > $begin AND hash <= $end ELSE hash > $begin OR hash <= $end END",
            Read,
            ("$begin", (long)begin),
            ("$end", (long)end))));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        store.ReadAsync(reader => reader.First(
            Select + " WHERE grain_id = $grain AND name = $name", Read, ("$grain", grainId.ToString()), ("$name", reminderName)));

    public Task<string?> UpsertRow(ReminderEntry entry) =>
        store.WriteAsync<string?>(transaction =>
        {
            var version = Guid.NewGuid().ToString("N");
            transaction.Execute(
                """
                INSERT INTO reminders (grain_id, name, hash, start_at, period_ms, version) VALUES ($grain, $name, $hash, $start,
                $period, $version)
                ON CONFLICT (grain_id, name) DO UPDATE SET hash = $hash, start_at = $start, period_ms = $period, version = $version
                """,
                ("$grain", entry.GrainId.ToString()),
                ("$name", entry.ReminderName),
                ("$hash", (long)entry.GrainId.GetUniformHashCode()),
                ("$start", new DateTimeOffset(entry.StartAt, TimeSpan.Zero).ToColumn()),
                ("$period", (long)entry.Period.TotalMilliseconds),
                ("$version", version));
            return version;
        });

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        store.WriteAsync(transaction => transaction.Execute(
            "DELETE FROM reminders WHERE grain_id = $grain AND name = $name AND version = $version",
            ("$grain", grainId.ToString()),
            ("$name", reminderName),
            ("$version", eTag)) > 0);

    public Task TestOnlyClearTable() => store.WriteAsync(transaction => transaction.Execute("DELETE FROM reminders"));

    private static ReminderEntry Read(DbDataReader row) => new()
    {
        GrainId = GrainId.Parse(row.GetString(0)),
        ReminderName = row.GetString(1),
        StartAt = row.Instant(2).UtcDateTime,
        Period = TimeSpan.FromMilliseconds(row.GetInt64(3)),
        ETag = row.GetString(4),
    };
}
