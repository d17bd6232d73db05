using System.Data.Common;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.State.Audit;

/// <summary>The table of the audit log: grows at the end, shrinks at the beginning by age and number, and never changes.</summary>
internal static class AuditStore
{
    private const string Columns = "sequence, at, who, from_address, what, subject, outcome, detail";

    /// <summary>
    /// The forms that a name can have in the log. Each is read in order and merged, because a sort would read all entries.
    /// </summary>
    private static readonly string[] Names = ["$who", "'operator:' || $who", "'host:' || $who", "'token:' || $who"];
    private const int MaxWho = 160;
    private const int MaxSubject = 300;
    private const int MaxDetail = 1_000;

    public static void Append(StoreTransaction transaction, AuditRecord record) => transaction.Execute(
        """
        INSERT INTO audit (at, who, from_address, what, subject, outcome, detail)
        VALUES ($at, $who, $from, $what, $subject, $outcome, $detail)
        """,
        ("$at", transaction.Now.ToColumn()),
        ("$who", EscapedText.Escape(record.Who, MaxWho)),
        ("$from", EscapedText.Escape(record.From, MaxWho)),
        ("$what", EscapedText.Escape(record.What, MaxWho)),
        ("$subject", EscapedText.Escape(record.Subject, MaxSubject)),
        ("$outcome", EscapedText.Escape(record.Outcome, MaxWho)),
        ("$detail", EscapedText.Escape(record.Detail, MaxDetail)));

    /// <summary>Entries before a sequence, newest first.</summary>
    /// <param name="who">Empty for everybody.</param>
    public static List<AuditEntry> Page(StoreReader reader, string who, long before, int limit) => who.Length == 0
        ? reader.Query(
            $"SELECT {Columns} FROM audit WHERE sequence < $before ORDER BY sequence DESC LIMIT $limit",
            Read,
            ("$before", before),
            ("$limit", limit))
        : reader.Query(
            string.Join(" UNION ALL ", Names.Select(static name =>
                $"SELECT {Columns} FROM audit INDEXED BY audit_who WHERE who = {name} AND sequence < $before")) +
                " ORDER BY sequence DESC LIMIT $limit",
            Read,
            ("$who", who),
            ("$before", before),
            ("$limit", limit));

    /// <summary>Deletes entries older than an instant, and those beyond a number.</summary>
    public static int Prune(StoreTransaction transaction, DateTimeOffset olderThan, long keep) => transaction.Execute(
        """
        DELETE FROM audit WHERE sequence IN (
            SELECT sequence FROM audit
            WHERE at < $at OR sequence <= (SELECT max(sequence) FROM audit) - $keep
            LIMIT 10000)
        """,
        ("$at", olderThan.ToColumn()),
        ("$keep", keep));

    private static AuditEntry Read(DbDataReader row) => new()
    {
        Sequence = row.GetInt64(0),
        At = row.Instant(1).ToTimestamp(),
        Who = row.GetString(2),
        From = row.GetString(3),
        What = row.GetString(4),
        Subject = row.GetString(5),
        Outcome = row.GetString(6),
        Detail = row.GetString(7),
    };
}
