using System.Globalization;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>Builds the events about snapshots: one for each run or report, however many snapshots there are.</summary>
internal static class SnapshotEvents
{
    private const int MaxNames = 20;

    public static void Created(StoreTransaction transaction, RunRow run, long total, IReadOnlyList<string> names) =>
        OfRun(transaction, run, EventTypes.SnapshotCreated, "made", total, names);

    public static void Destroyed(StoreTransaction transaction, RunRow run, long total, IReadOnlyList<string> names) =>
        OfRun(transaction, run, EventTypes.SnapshotDestroyed, "destroyed", total, names);

    /// <summary>Snapshots that are gone, not by a run of Fleet.</summary>
    public static void Vanished(StoreTransaction transaction, HostRow host, IReadOnlyList<SnapshotRow> gone) =>
        EventAppender.Append(transaction, new NewEvent(
            EventTypes.SnapshotVanished,
            EventSeverity.Warning,
            $"{Count(gone.Count)} of {host.Name} vanished, and no run destroyed them: "
            + $"{Names([.. gone.Select(row => row.Name)], gone.Count)}")
        {
            HostId = host.HostId,
            HostName = host.Name,
            Policy = gone.Select(row => row.Policy).Distinct().ToList() is [var policy]
                    && !policy.Contains(',', StringComparison.Ordinal) ? policy : "",
            Attributes = Attributes(gone.Count, [.. gone.Select(row => row.Name)]),
        });

    private static void OfRun(
        StoreTransaction transaction,
        RunRow run,
        string type,
        string verb,
        long total,
        IReadOnlyList<string> names
    ) =>
        EventAppender.Append(
            transaction,
            new NewEvent(type, EventSeverity.Info, $"{Count(total)} {verb} by {run.Title} on {run.HostName}: {Names(names, total)}")
            {
                HostId = run.HostId,
                HostName = run.HostName,
                Policy = run.Policy,
                RunId = run.RunId,
                OccurredAt = SnapshotFacts.Instant(run.Result?.FinishedAt),
                Attributes = Attributes(total, names),
            });

    private static Dictionary<string, string> Attributes(long total, IReadOnlyList<string> names) => new()
    {
        ["count"] = total.ToString(CultureInfo.InvariantCulture),
        ["names"] = string.Join('\n', names.Take(MaxNames)),
    };

    private static string Names(IReadOnlyList<string> names, long total) =>
        total > 3 ? $"{string.Join(", ", names.Take(2))} and {total - 2} more" : string.Join(", ", names.Take(3));

    private static string Count(long count) =>
        count == 1 ? "1 snapshot" : string.Create(CultureInfo.InvariantCulture, $"{count} snapshots");
}
