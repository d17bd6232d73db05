using Fleet.Coordinator.Actions;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>
/// Settles why snapshots are missing: those that a run reports as destroyed are already off the list, and the rest is examined here.
/// </summary>
internal static class MissingSnapshots
{
    private const int MaxRuns = 200;

    /// <summary>Most bytes of the results of those runs, which may be 2 MiB each.</summary>
    private const long MaxResultBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan LookBack = TimeSpan.FromDays(1);

    /// <summary>
    /// Runs that may have destroyed snapshots, newest first. Read before the settling transactions: a run that ends in between counts as
    /// running, and the next report settles what it destroyed.
    /// </summary>
    public static IReadOnlyList<Explanation> Explanations(StoreReader reader, string hostId, DateTimeOffset now)
    {
        var runs = new List<Explanation>();
        var bytes = 0L;
        foreach (var run in RunStore
                .OpenOrEndedSince(reader, hostId, now - LookBack, MaxRuns)
                .Select(id => RunStore.Find(reader, id))
                .OfType<RunRow>())
        {
            if (ActionRules.Of(run.Action)?.Doomed(run.Action) is not { } doomed)
            {
                continue;
            }

            bytes += run.Result?.CalculateSize() ?? 0;
            if (bytes > MaxResultBytes)
            {
                break;
            }

            runs.Add(new Explanation(run, doomed));
        }

        return runs;
    }

    /// <summary>Called once a report is complete. Losses that no run explains become one event for each piece.</summary>
    /// <param name="runs">The result of <see cref="Explanations"/>.</param>
    /// <param name="lastLook">
    /// When the host looked the previous time, by its own clock: a run that ended before then explains nothing. Null if it never did.
    /// </param>
    /// <param name="after">Id of the last snapshot of the previous piece; 0 for the first.</param>
    /// <param name="limit">Most snapshots in one piece.</param>
    /// <returns>Where the next piece begins; null if there is none.</returns>
    public static long? Settle(
        StoreTransaction transaction,
        HostRow host,
        IReadOnlyList<Explanation> runs,
        DateTimeOffset? lastLook,
        long after,
        int limit)
    {
        var missing = SnapshotStore.Missing(transaction, host.HostId, after, limit);
        List<SnapshotRow> vanished = [];
        foreach (var row in missing)
        {
            if (runs.Any(known => RunStates.IsActive(known.Run.State) && MayDestroy(known.Doomed, row)))
            {
                // It is running: its result will explain the loss, or else the next report.
                continue;
            }

            var by = runs.FirstOrDefault(known =>
                MayHaveTaken(known.Run, lastLook) && MayDestroy(known.Doomed, row) && !NamesAll(known.Run)
            )?.Run;
            SnapshotStore.SetGone(transaction, row.Id, by?.RunId ?? "", row.EvidenceAt);
            if (by is null)
            {
                vanished.Add(row);
            }
        }

        if (vanished.Count > 0)
        {
            SnapshotEvents.Vanished(transaction, host, vanished);
        }

        return missing.Count == limit ? missing[^1].Id : null;
    }

    private static bool MayDestroy(DoomedSnapshots doomed, SnapshotRow row) =>
        row.Kind == doomed.Kind
        && (doomed.Policy is null || row.IsOwnedBy(doomed.Policy))
        && (doomed.Identities is null || doomed.Identities.Contains(row.Identity));

    private static bool NamesAll(RunRow run) => run.Result is { } result && ActionRules.Of(run.Action)?.NamesAllDestroyed(result) == true;

    // A merge that waits for the next activation consumes its snapshot long after its run.
    private static bool MayHaveTaken(RunRow run, DateTimeOffset? lastLook) =>
        run.Attempt > 0 && (run.Result?.LvmRestore is { Pending: true } || !(run.FinishedAt < lastLook));

    /// <summary>A run that may have destroyed snapshots, and which ones.</summary>
    internal sealed record Explanation(RunRow Run, DoomedSnapshots Doomed);
}
