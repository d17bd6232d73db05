using System.Data.Common;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.State.Policies;

/// <summary>The table of policies.</summary>
internal static class PolicyStore
{
    private const string Select = "SELECT spec_proto, revision, created_at, updated_at, updated_by FROM policies";

    public static PolicyRow? Find(StoreReader reader, string name) =>
        reader.First(Select + " WHERE name = $name", Read, ("$name", name));

    /// <summary>Policies ordered by name, starting after the given name.</summary>
    public static List<PolicyRow> Page(StoreReader reader, string after, int limit) =>
        reader.Query(Select + " WHERE name > $after ORDER BY name LIMIT $limit", Read, ("$after", after), ("$limit", limit));

    /// <summary>Every policy, ordered by name.</summary>
    public static List<PolicyRow> All(StoreReader reader) => reader.Query(Select + " ORDER BY name", Read);

    /// <summary>Sums that change with almost every change: enough to see when a comparison is worthwhile.</summary>
    public static (long Count, long Revisions) Fingerprint(StoreReader reader) => (
        reader.Number("SELECT count(*) FROM policies"),
        reader.Number("SELECT coalesce(sum(revision), 0) FROM policies"));

    /// <summary>Adds or changes a policy.</summary>
    public static void Save(StoreTransaction transaction, PolicySpec spec, long revision, string by) =>
        transaction.Execute(
            """
            INSERT INTO policies (name, spec_proto, revision, created_at, updated_at, updated_by)
            VALUES ($name, $spec, $revision, $now, $now, $by)
            ON CONFLICT (name) DO UPDATE SET spec_proto = $spec, revision = $revision, updated_at = $now, updated_by = $by
            """,
            ("$name", spec.Name),
            ("$spec", spec.ToByteArray()),
            ("$revision", revision),
            ("$now", transaction.Now.ToColumn()),
            ("$by", by));

    /// <summary>Deletes a policy and its state on its hosts. Its runs stay.</summary>
    public static void Delete(StoreTransaction transaction, string name)
    {
        ProtectionStore.DeleteOfPolicy(transaction, name);
        transaction.Execute("DELETE FROM policies WHERE name = $name", ("$name", name));
    }

    private static PolicyRow Read(DbDataReader row) => new(
        PolicySpec.Parser.ParseFrom((byte[])row.GetValue(0)),
        row.GetInt64(1),
        row.Instant(2),
        row.Instant(3),
        row.GetString(4));
}
