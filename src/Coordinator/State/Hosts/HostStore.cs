using System.Data.Common;
using System.Text.Json;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.State.Hosts;

/// <summary>The table of hosts: operations shared by enrolment, sessions and queries.</summary>
internal static class HostStore
{
    private const string Columns =
        """
        host_id, name, labels, enrolled_at, removed_at, certificate_expires_at, facts_proto, hello_proto, address, boot_id,
        session_id, connected, connected_at, disconnected_at, last_seen_at, clock_offset_ms, state_error, duplicate_at,
        duplicate_detail, outbox_id, outbox_sequence, assignment_revision, enrol_labels, confirmed_session_id, offline_announced,
        outbox_gap_at, outbox_gap_detail, durable_left, spare_runs_left, budget_at
        """;

    /// <summary>Adds a host and its event host.enrolled. The caller must have made sure that the name is free.</summary>
    public static void Enrol(StoreTransaction transaction, NewHost host)
    {
        var labels = JsonSerializer.Serialize(host.Labels);
        transaction.Execute(
            """
            INSERT INTO hosts (host_id, name, enrol_labels, labels, enrolled_at, certificate_expires_at, facts_proto, address)
            VALUES ($id, $name, $labels, $labels, $now, $expires, $facts, $address)
            """,
            ("$id", host.HostId),
            ("$name", host.Name),
            ("$labels", labels),
            ("$now", transaction.Now.ToColumn()),
            ("$expires", host.CertificateExpiresAt.ToColumn()),
            ("$facts", host.Facts?.ToByteArray()),
            ("$address", host.Address));
        EventAppender.Append(transaction, new NewEvent(EventTypes.HostEnrolled, EventSeverity.Info, $"{host.Name} joined the fleet")
        {
            HostId = host.HostId,
            HostName = host.Name,
            Attributes = new Dictionary<string, string> { ["address"] = host.Address },
        });
    }

    /// <summary>Records that the host has a new certificate.</summary>
    public static void SetCertificateExpiry(StoreTransaction transaction, string hostId, DateTimeOffset expiresAt) =>
        transaction.Execute(
            "UPDATE hosts SET certificate_expires_at = $at WHERE host_id = $id",
            ("$at", expiresAt.ToColumn()),
            ("$id", hostId));

    /// <summary>The host with an id or a name; removed hosts are not found.</summary>
    public static HostRow? Find(StoreReader reader, string nameOrId) =>
        reader.First(
            $"SELECT {Columns} FROM hosts WHERE removed_at IS NULL AND (host_id = $key OR name = $key)", Read, ("$key", nameOrId));

    /// <summary>Labels of every host.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> LabelsByName(StoreReader reader) =>
        All(reader).ToDictionary(static host => host.Name, static host => host.Labels, StringComparer.Ordinal);

    /// <summary>The host with an id, removed or not.</summary>
    public static HostRow? FindById(StoreReader reader, string hostId) =>
        reader.First($"SELECT {Columns} FROM hosts WHERE host_id = $id", Read, ("$id", hostId));

    /// <summary>Every host that was not removed, ordered by name.</summary>
    public static List<HostRow> All(StoreReader reader) =>
        reader.Query($"SELECT {Columns} FROM hosts WHERE removed_at IS NULL ORDER BY name", Read);

    /// <summary>Name of a host, and whether it was removed. The name is null if the host never existed.</summary>
    public static (string? Name, bool IsRemoved) NameOf(StoreReader reader, string hostId) =>
        reader.First(
            "SELECT name, removed_at FROM hosts WHERE host_id = $id",
            static row => ((string?)row.GetString(0), !row.IsDBNull(1)),
            ("$id", hostId));

    /// <summary>Whether a host was enrolled and not removed.</summary>
    public static bool IsEnrolled(StoreReader reader, string hostId) => NameOf(reader, hostId) is { Name: not null, IsRemoved: false };

    /// <summary>The number of hosts that were not removed, and of those with an open session.</summary>
    public static (long All, long Connected) Count(StoreReader reader) => (
        reader.Number("SELECT count(*) FROM hosts WHERE removed_at IS NULL"),
        reader.Number("SELECT count(*) FROM hosts WHERE removed_at IS NULL AND connected = 1"));

    /// <summary>Sums that change with almost every host that is added or removed, and with every change of what applies to one.</summary>
    public static (long Count, long Revisions) Fingerprint(StoreReader reader) => (
        reader.Number("SELECT count(*) FROM hosts WHERE removed_at IS NULL"),
        reader.Number("SELECT coalesce(sum(assignment_revision), 0) FROM hosts"));

    /// <summary>Revision of the policies that apply to a host.</summary>
    public static long AssignmentRevision(StoreReader reader, string hostId) =>
        reader.Number("SELECT assignment_revision FROM hosts WHERE host_id = $id", ("$id", hostId));

    /// <summary>Records that the policies of some hosts have changed.</summary>
    public static void RaiseAssignmentRevision(StoreTransaction transaction, IEnumerable<string> hostIds)
    {
        foreach (var hostId in hostIds)
        {
            transaction.Execute("UPDATE hosts SET assignment_revision = assignment_revision + 1 WHERE host_id = $id", ("$id", hostId));
        }
    }

    /// <summary>Removes a host from the fleet, and ends its session.</summary>
    public static void Remove(StoreTransaction transaction, string hostId, string reason) =>
        transaction.Execute(
            """
            UPDATE hosts SET removed_at = $now, removed_reason = $reason, connected = 0,
                disconnected_at = CASE WHEN connected = 1 THEN $now ELSE disconnected_at END
            WHERE host_id = $id
            """,
            ("$now", transaction.Now.ToColumn()),
            ("$reason", reason),
            ("$id", hostId));

    /// <param name="detail">Which machines use the identity. Null if there is no longer more than one.</param>
    public static void SetDuplicate(StoreTransaction transaction, string hostId, string? detail) =>
        transaction.Execute(
            "UPDATE hosts SET duplicate_at = $at, duplicate_detail = $detail WHERE host_id = $id",
            ("$at", detail is null ? null : transaction.Now.ToColumn()),
            ("$detail", detail ?? ""),
            ("$id", hostId));

    /// <summary>Records that everything up to an entry of a host's outbox is committed.</summary>
    public static void SetOutboxPosition(StoreTransaction transaction, string hostId, string outboxId, long sequence) =>
        transaction.Execute(
            "UPDATE hosts SET outbox_id = $outbox, outbox_sequence = $sequence WHERE host_id = $id",
            ("$outbox", outboxId),
            ("$sequence", sequence),
            ("$id", hostId));

    /// <summary>Stores what is left of a host's long-term budgets.</summary>
    public static void SetBudget(StoreTransaction transaction, string hostId, long durableLeft, long spareRunsLeft) =>
        transaction.Execute(
            "UPDATE hosts SET durable_left = $durable, spare_runs_left = $spare, budget_at = $now WHERE host_id = $id",
            ("$durable", durableLeft),
            ("$spare", spareRunsLeft),
            ("$now", transaction.Now.ToColumn()),
            ("$id", hostId));

    /// <summary>Sets instants that lie in the future to the present, after the clock was set back.</summary>
    public static void EndAtNow(StoreTransaction transaction) =>
        transaction.Execute(
            """
            UPDATE hosts SET disconnected_at = CASE WHEN disconnected_at > $now THEN $now ELSE disconnected_at END,
                duplicate_at = CASE WHEN duplicate_at > $now THEN $now ELSE duplicate_at END,
                outbox_gap_at = CASE WHEN outbox_gap_at > $now THEN $now ELSE outbox_gap_at END
            WHERE disconnected_at > $now OR duplicate_at > $now OR outbox_gap_at > $now
            """,
            ("$now", transaction.Now.ToColumn()));

    private static HostRow Read(DbDataReader row) => new()
    {
        HostId = row.GetString(0),
        Name = row.GetString(1),
        Labels = JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(2)) ?? [],
        EnrolledAt = row.Instant(3),
        RemovedAt = row.InstantOrNull(4),
        CertificateExpiresAt = row.InstantOrNull(5),
        Facts = StoredMessage.Read(HostFacts.Parser, row.BytesOrNull(6)),
        Hello = StoredMessage.Read(Hello.Parser, row.BytesOrNull(7)),
        Address = row.GetString(8),
        BootId = row.GetString(9),
        SessionId = row.GetString(10),
        Connected = row.GetInt64(11) != 0,
        ConnectedAt = row.InstantOrNull(12),
        DisconnectedAt = row.InstantOrNull(13),
        LastSeenAt = row.InstantOrNull(14),
        ClockOffset = TimeSpan.FromMilliseconds(row.GetInt64(15)),
        StateError = row.GetString(16),
        DuplicateAt = row.InstantOrNull(17),
        DuplicateDetail = row.GetString(18),
        OutboxId = row.GetString(19),
        OutboxSequence = row.GetInt64(20),
        AssignmentRevision = row.GetInt64(21),
        EnrolLabels = JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(22)) ?? [],
        ConfirmedSessionId = row.GetString(23),
        OfflineAnnounced = row.GetInt64(24) != 0,
        OutboxGapAt = row.InstantOrNull(25),
        OutboxGapDetail = row.GetString(26),
        DurableLeft = row.GetInt64(27),
        SpareRunsLeft = row.GetInt64(28),
        BudgetAt = row.InstantOrNull(29),
    };
}
