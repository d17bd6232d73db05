using System.Data.Common;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Identity;

/// <summary>The table of operators.</summary>
internal static class OperatorStore
{
    private const string Columns =
        """
        operator_id, name, role, created_at, expires_at, created_by, credential, token_id, secret_hash, certificate_hash,
        last_used_at, removed_at
        """;

    /// <summary>The operator with the id half of a bearer token, removed or not.</summary>
    public static OperatorRow? FindByToken(StoreReader reader, string tokenId) =>
        reader.First($"SELECT {Columns} FROM operators WHERE token_id = $id", Read, ("$id", tokenId));

    /// <summary>The operator with the SHA-256 of a certificate, removed or not.</summary>
    public static OperatorRow? FindByCertificate(StoreReader reader, byte[] hash) =>
        reader.First($"SELECT {Columns} FROM operators WHERE certificate_hash = $hash", Read, ("$hash", hash));

    /// <summary>The operator with a name; removed operators are not found.</summary>
    public static OperatorRow? FindByName(StoreReader reader, string name) =>
        reader.First($"SELECT {Columns} FROM operators WHERE removed_at IS NULL AND name = $name", Read, ("$name", name));

    /// <summary>Ordered by name, starting after the given name; removed operators are left out.</summary>
    public static List<OperatorRow> Page(StoreReader reader, string after, int limit) =>
        reader.Query(
            $"SELECT {Columns} FROM operators WHERE removed_at IS NULL AND name > $after ORDER BY name LIMIT $limit",
            Read,
            ("$after", after),
            ("$limit", limit));

    /// <summary>Whether there has ever been an operator.</summary>
    public static bool Any(StoreReader reader) => reader.Number("SELECT count(*) FROM (SELECT 1 FROM operators LIMIT 1) AS o") != 0;

    /// <summary>The number of other admins whose credentials are valid at an instant.</summary>
    public static long OtherAdmins(StoreReader reader, long operatorId, DateTimeOffset at) =>
        reader.Number(
            "SELECT count(*) FROM operators WHERE removed_at IS NULL AND role = $admin AND expires_at > $at AND operator_id <> $id",
            ("$admin", (int)Role.Admin),
            ("$at", at.ToColumn()),
            ("$id", operatorId));

    public static void Insert(StoreTransaction transaction, OperatorRow row) => transaction.Execute(
        """
        INSERT INTO operators (name, role, created_at, expires_at, created_by, credential, token_id, secret_hash, certificate_hash)
        VALUES ($name, $role, $created, $expires, $by, $credential, $token, $secret, $certificate)
        """,
        ("$name", row.Name),
        ("$role", (int)row.Role),
        ("$created", row.CreatedAt.ToColumn()),
        ("$expires", row.ExpiresAt.ToColumn()),
        ("$by", row.CreatedBy),
        ("$credential", (int)row.Credential),
        ("$token", row.TokenId),
        ("$secret", row.SecretHash),
        ("$certificate", row.CertificateHash));

    public static void Remove(StoreTransaction transaction, long operatorId) => transaction.Execute(
        "UPDATE operators SET removed_at = $now WHERE operator_id = $id", ("$now", transaction.Now.ToColumn()), ("$id", operatorId));

    public static void SetLastUsed(StoreTransaction transaction, long operatorId, DateTimeOffset at) => transaction.Execute(
        "UPDATE operators SET last_used_at = $at WHERE operator_id = $id", ("$at", at.ToColumn()), ("$id", operatorId));

    private static OperatorRow Read(DbDataReader row) => new()
    {
        OperatorId = row.GetInt64(0),
        Name = row.GetString(1),
        Role = (Role)row.GetInt32(2),
        CreatedAt = row.Instant(3),
        ExpiresAt = row.Instant(4),
        CreatedBy = row.GetString(5),
        Credential = (CredentialKind)row.GetInt32(6),
        TokenId = row.IsDBNull(7) ? null : row.GetString(7),
        SecretHash = row.BytesOrNull(8),
        CertificateHash = row.BytesOrNull(9),
        LastUsedAt = row.InstantOrNull(10),
        RemovedAt = row.InstantOrNull(11),
    };
}
