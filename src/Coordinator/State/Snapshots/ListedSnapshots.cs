using System.Data.Common;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>Reads snapshots as lists show them.</summary>
internal static class ListedSnapshots
{
    private const string Select =
        $"""
        SELECT s.id, s.kind, s.host_id, h.name, s.origin, s.name, s.identity, s.created_at, s.policy, s.run_id, s.used_bytes,
        s.referenced_bytes,
               s.holds, s.note, s.made_on, s.first_seen_at, s.gone_at, s.gone_run_id,
               (SELECT count(*) FROM snapshots c JOIN hosts k ON k.host_id = c.host_id
                WHERE c.identity = s.identity AND c.kind = s.kind AND c.gone_at IS NULL AND k.removed_at IS NULL
                  AND (c.{IsNoVersion} OR c.host_id = s.host_id))
        FROM snapshots s JOIN hosts h ON h.host_id = s.host_id
        WHERE s.id = $id
        """;

    /// <summary>The name of a dated tree does not identify it across hosts. SNAPSHOT_KIND_RSYNC_VERSION is 3.</summary>
    private const string IsNoVersion = "kind <> 3";

    /// <param name="id">Of a <see cref="SnapshotPage"/>.</param>
    /// <returns>The snapshot with its place in the list: when it was made, as stored, and the id.</returns>
    public static (long CreatedAtColumn, long Id, Snapshot Snapshot) Find(StoreReader reader, long id) =>
        reader.First(Select, static row => (row.GetInt64(7), row.GetInt64(0), Read(row)), ("$id", id));

    private static Snapshot Read(DbDataReader row)
    {
        var snapshot = new Snapshot
        {
            Kind = (SnapshotKind)row.GetInt32(1),
            HostId = row.GetString(2),
            HostName = row.GetString(3),
            Of = row.GetString(4),
            Name = row.GetString(5),
            Identity = row.GetString(6),
            Policy = row.GetString(8),
            RunId = row.GetString(9),
            UsedBytes = row.GetInt64(10),
            ReferencedBytes = row.GetInt64(11),
            Holds = row.GetInt64(12),
            Note = row.GetString(13),
            MadeOn = row.GetString(14),
            FirstSeenAt = Timestamp.FromDateTimeOffset(row.Instant(15)),
            GoneRunId = row.GetString(17),
            Copies = row.GetInt32(18),
        };
        if (row.GetInt64(7) > 0)
        {
            snapshot.CreatedAt = Timestamp.FromDateTimeOffset(row.Instant(7));
        }

        if (row.InstantOrNull(16) is { } gone)
        {
            snapshot.GoneAt = Timestamp.FromDateTimeOffset(gone);
        }

        return snapshot;
    }
}
