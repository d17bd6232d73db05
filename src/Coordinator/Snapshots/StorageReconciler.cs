using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.State.Snapshots;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Snapshots;

/// <summary>
/// Brings the catalogue in line with what a host has. Missing snapshots are only noted here; whether a run destroyed them is settled at the
/// end of the report (<see cref="MissingSnapshots"/>).
/// </summary>
internal static class StorageReconciler
{
    /// <summary>Takes in some of Fleet's snapshots in one dataset or group, new or changed ones.</summary>
    /// <param name="at">When the host looked, by its own clock. Newer knowledge is not touched.</param>
    /// <param name="room">How many more snapshots the host may have.</param>
    public static void Take(
        StoreTransaction transaction,
        string hostId,
        SnapshotKind kind,
        string scope,
        IEnumerable<StoredSnapshot> listed,
        DateTimeOffset at,
        PresentScopes present,
        ref long room)
    {
        foreach (var row in listed
                .Where(stored => stored.Identity.Length > 0)
                .Select(stored => SnapshotFacts.Of(hostId, kind, scope, stored, at)))
        {
            if (SnapshotStore.Find(transaction, row) is not { } before)
            {
                if (room-- > 0)
                {
                    SnapshotStore.Put(transaction, WithHistory(transaction, row, present));
                }
            }
            else if (before.GoneAt is null ? before.IsMissing || Differs(before, row) : before.EvidenceAt < at)
            {
                SnapshotStore.Put(transaction, row);
            }
        }
    }

    /// <summary>Notes known snapshots of a dataset or group that are not in its complete list.</summary>
    public static List<long> Lacking(
        StoreReader reader, string hostId, SnapshotKind kind, string scope, IEnumerable<StoredSnapshot> listed, DateTimeOffset at)
    {
        var there = listed.Select(stored => stored.Identity).ToHashSet(StringComparer.Ordinal);
        return [.. SnapshotStore.OfScope(reader, hostId, kind, scope)
            .Where(row => row.GoneAt is null && !there.Contains(row.Identity) && row.EvidenceAt < at)
            .Select(row => row.Id)];
    }

    /// <summary>Notes known snapshots of datasets that are gone.</summary>
    public static List<long> OfGoneScopes(StoreReader reader, string hostId, DateTimeOffset at, PresentScopes present) =>
    [
        .. SnapshotStore.Scopes(reader, hostId, SnapshotKind.Zfs)
            .Where(scope => present.IsGone(SnapshotKind.Zfs, scope))
            .SelectMany(scope => SnapshotStore.OfScope(reader, hostId, SnapshotKind.Zfs, scope))
            .Where(row => row.GoneAt is null && row.EvidenceAt < at)
            .Select(row => row.Id),
    ];

    private static bool Differs(SnapshotRow before, SnapshotRow now) =>
        (before.Name, before.Origin, before.Policy, before.RunId, before.UsedBytes, before.ReferencedBytes, before.Holds)
        != (now.Name, now.Origin, now.Policy, now.RunId, now.UsedBytes, now.ReferencedBytes, now.Holds);

    /// <summary>Merged with what is known from its run, or from before its dataset or group was renamed.</summary>
    private static SnapshotRow WithHistory(StoreTransaction transaction, SnapshotRow row, PresentScopes present)
    {
        foreach (var before in SnapshotStore.Elsewhere(transaction, row).Where(before => present.IsAbsent(before.Kind, before.Scope)))
        {
            SnapshotStore.Remove(transaction, before.Id);
            row = row with { Note = before.Note };
        }

        return row.Note.Length > 0
            ? row
            : row with { Note = RunStore.NoteOf(transaction, row.RunId) };
    }
}
