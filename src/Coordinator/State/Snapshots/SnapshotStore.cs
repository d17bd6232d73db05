using System.Data.Common;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>The table of the catalogue.</summary>
internal static class SnapshotStore
{
    private const string Select =
        """
        SELECT id, host_id, kind, scope, identity, origin, name, created_at, policy, run_id, made_on, note, used_bytes,
        referenced_bytes, holds,
               evidence_at, gone_at, CASE WHEN missing_at IS NULL THEN 0 ELSE 1 END
        FROM snapshots
        """;

    /// <summary>Everything of one scope, gone or not.</summary>
    public static List<SnapshotRow> OfScope(StoreReader reader, string hostId, SnapshotKind kind, string scope) =>
        reader.Query(
            Select + " WHERE host_id = $host AND kind = $kind AND scope = $scope",
            Read,
            ("$host", hostId),
            ("$kind", (int)kind),
            ("$scope", scope));

    /// <summary>The number of a host's known snapshots, including those that are gone.</summary>
    public static long Count(StoreReader reader, string hostId) =>
        reader.Number("SELECT count(*) FROM snapshots WHERE host_id = $host", ("$host", hostId));

    /// <summary>The known snapshot with the same host, kind, scope and identity.</summary>
    public static SnapshotRow? Find(StoreReader reader, SnapshotRow row) =>
        reader.First(
            Select + " WHERE host_id = $host AND kind = $kind AND scope = $scope AND identity = $identity",
            Read,
            ("$host", row.HostId),
            ("$kind", (int)row.Kind),
            ("$scope", row.Scope),
            ("$identity", row.Identity));

    /// <summary>The same snapshot under other scopes of a host, not gone: it may have been renamed along with its dataset.</summary>
    public static List<SnapshotRow> Elsewhere(StoreReader reader, SnapshotRow row) =>
        reader.Query(
            Select + " WHERE identity = $identity AND kind = $kind AND host_id = $host AND scope <> $scope AND gone_at IS NULL",
            Read,
            ("$identity", row.Identity),
            ("$kind", (int)row.Kind),
            ("$host", row.HostId),
            ("$scope", row.Scope));

    /// <summary>Scopes of a kind in which a host has snapshots.</summary>
    public static List<string> Scopes(StoreReader reader, string hostId, SnapshotKind kind) =>
        reader.Query(
            "SELECT DISTINCT scope FROM snapshots WHERE host_id = $host AND kind = $kind AND gone_at IS NULL",
            static row => row.GetString(0),
            ("$host", hostId),
            ("$kind", (int)kind));

    /// <summary>
    /// Snapshots that a host's newest lists lack and that are not known to be gone; ordered by id, starting after the given id.
    /// </summary>
    public static List<SnapshotRow> Missing(StoreReader reader, string hostId, long after, int limit) =>
        reader.Query(
            Select + " WHERE host_id = $host AND missing_at IS NOT NULL AND id > $after ORDER BY id LIMIT $limit",
            Read,
            ("$host", hostId),
            ("$after", after),
            ("$limit", limit));

    /// <summary>Whether it is known, and not known to be gone.</summary>
    public static bool IsThere(StoreReader reader, SnapshotRow row) =>
        reader.Number(
            "SELECT count(*) FROM snapshots WHERE host_id = $host AND kind = $kind AND scope = $scope AND identity = $identity AND "
            + "gone_at IS NULL",
            ("$host", row.HostId),
            ("$kind", (int)row.Kind),
            ("$scope", row.Scope),
            ("$identity", row.Identity)) > 0;

    /// <summary>Adds it, or updates its facts. A snapshot that was gone is present again.</summary>
    public static void Put(StoreTransaction transaction, SnapshotRow row) =>
        transaction.Execute(
            """
            INSERT INTO snapshots (host_id, kind, scope, identity, origin, name, created_at, policy, run_id, made_on, note, used_bytes,
                referenced_bytes, holds, first_seen_at, evidence_at)
            VALUES ($host, $kind, $scope, $identity, $origin, $name, $created, $policy, $run, $madeOn, $note, $used, $referenced,
            $holds, $now, $evidence)
            ON CONFLICT (host_id, kind, scope, identity) DO UPDATE SET origin = $origin, name = $name, created_at = $created,
            policy = $policy,
                run_id = $run, made_on = CASE WHEN $madeOn = '' THEN snapshots.made_on ELSE $madeOn END,
                note = CASE WHEN $note = '' THEN snapshots.note ELSE $note END,
                used_bytes = $used, referenced_bytes = $referenced, holds = $holds,
                evidence_at = CASE WHEN snapshots.evidence_at > $evidence THEN snapshots.evidence_at ELSE $evidence END,
                missing_at = NULL,
                gone_at = NULL, gone_run_id = ''
            """,
            ("$host", row.HostId),
            ("$kind", (int)row.Kind),
            ("$scope", row.Scope),
            ("$identity", row.Identity),
            ("$origin", row.Origin),
            ("$name", row.Name),
            ("$created", row.CreatedAt?.ToColumn() ?? 0),
            ("$policy", row.Policy),
            ("$run", row.RunId),
            ("$madeOn", row.MadeOn),
            ("$note", row.Note),
            ("$used", row.UsedBytes),
            ("$referenced", row.ReferencedBytes),
            ("$holds", row.Holds),
            ("$now", transaction.Now.ToColumn()),
            ("$evidence", row.EvidenceAt.ToColumn()));

    /// <summary>Records that it is gone.</summary>
    /// <param name="runId">The run that destroyed it; empty if none is known.</param>
    /// <param name="evidence">The time of the proof, by its host's clock.</param>
    /// <returns>True if it was present before.</returns>
    public static bool SetGone(StoreTransaction transaction, long id, string runId, DateTimeOffset evidence) =>
        transaction.Execute(
            """
            UPDATE snapshots SET gone_at = $now, gone_run_id = $run, missing_at = NULL,
                evidence_at = CASE WHEN evidence_at > $evidence THEN evidence_at ELSE $evidence END
            WHERE id = $id AND gone_at IS NULL
            """,
            ("$now", transaction.Now.ToColumn()),
            ("$run", runId),
            ("$evidence", evidence.ToColumn()),
            ("$id", id)) > 0;

    /// <summary>Records that its host's newest list lacks it.</summary>
    /// <param name="at">When the host looked; newer knowledge is not touched.</param>
    public static void SetMissing(StoreTransaction transaction, long id, DateTimeOffset at) =>
        transaction.Execute(
            "UPDATE snapshots SET missing_at = $now WHERE id = $id AND missing_at IS NULL AND gone_at IS NULL AND evidence_at < $at",
            ("$now", transaction.Now.ToColumn()),
            ("$at", at.ToColumn()),
            ("$id", id));

    /// <summary>Moves it to another scope.</summary>
    public static void Remove(StoreTransaction transaction, long id) =>
        transaction.Execute("DELETE FROM snapshots WHERE id = $id", ("$id", id));

    /// <summary>Deletes snapshots that have been gone since before an instant.</summary>
    public static int Forget(StoreTransaction transaction, DateTimeOffset before, int limit) =>
        transaction.Execute(
            """
            DELETE FROM snapshots WHERE id IN (
                SELECT id FROM snapshots WHERE gone_at < $before
                UNION ALL
                SELECT s.id FROM hosts h CROSS JOIN snapshots s INDEXED BY snapshots_host ON s.host_id = h.host_id
                WHERE h.removed_at < $before
                LIMIT $limit)
            """,
            ("$before", before.ToColumn()),
            ("$limit", limit));

    private static SnapshotRow Read(DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        HostId = row.GetString(1),
        Kind = (SnapshotKind)row.GetInt32(2),
        Scope = row.GetString(3),
        Identity = row.GetString(4),
        Origin = row.GetString(5),
        Name = row.GetString(6),
        CreatedAt = row.GetInt64(7) == 0 ? null : row.Instant(7),
        Policy = row.GetString(8),
        RunId = row.GetString(9),
        MadeOn = row.GetString(10),
        Note = row.GetString(11),
        UsedBytes = row.GetInt64(12),
        ReferencedBytes = row.GetInt64(13),
        Holds = row.GetInt64(14),
        EvidenceAt = row.Instant(15),
        GoneAt = row.InstantOrNull(16),
        IsMissing = row.GetInt64(17) != 0,
    };
}
