using System.Data.Common;
using System.Text.Json;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.State.Identity;

/// <summary>The tables of join tokens and of their uses.</summary>
internal static class JoinTokenStore
{
    private const string Columns =
        """
        token_id, secret_hash, max_uses, uses, created_at, expires_at, host_name, labels, note, created_by, revoked_at,
        request_id, request_hash
        """;

    public static JoinTokenRow? Find(StoreReader reader, string tokenId) =>
        reader.First($"SELECT {Columns} FROM join_tokens WHERE token_id = $id", Read, ("$id", tokenId));

    public static JoinTokenRow? FindByRequest(StoreReader reader, string requestId) =>
        reader.First($"SELECT {Columns} FROM join_tokens WHERE request_id = $id", Read, ("$id", requestId));

    /// <summary>Join tokens after a given one, newest first.</summary>
    /// <param name="after">Null to begin with the newest.</param>
    public static List<JoinTokenRow> Page(StoreReader reader, JoinTokenRow? after, int limit) =>
        reader.Query(
            $"""
            SELECT {Columns} FROM join_tokens INDEXED BY join_tokens_newest WHERE (created_at, token_id) < ($at, $id)
            ORDER BY created_at DESC, token_id DESC LIMIT $limit
            """,
            Read,
            ("$at", after?.CreatedAt.ToColumn() ?? long.MaxValue),
            ("$id", after?.TokenId ?? ""),
            ("$limit", limit));

    public static void Insert(StoreTransaction transaction, JoinTokenRow row) => transaction.Execute(
        """
        INSERT INTO join_tokens (token_id, secret_hash, max_uses, created_at, expires_at, host_name, labels, note, created_by,
            request_id, request_hash)
        VALUES ($id, $secret, $max, $created, $expires, $host, $labels, $note, $by, $request, $hash)
        """,
        ("$id", row.TokenId),
        ("$secret", row.SecretHash),
        ("$max", row.MaxUses),
        ("$created", row.CreatedAt.ToColumn()),
        ("$expires", row.ExpiresAt.ToColumn()),
        ("$host", row.HostName),
        ("$labels", JsonSerializer.Serialize(row.Labels)),
        ("$note", row.Note),
        ("$by", row.CreatedBy),
        ("$request", row.RequestId),
        ("$hash", row.RequestHash));

    public static void Revoke(StoreTransaction transaction, string tokenId) => transaction.Execute(
        "UPDATE join_tokens SET revoked_at = coalesce(revoked_at, $now) WHERE token_id = $id",
        ("$now", transaction.Now.ToColumn()),
        ("$id", tokenId));

    /// <summary>Counts one use, and records which host used it.</summary>
    public static void Use(StoreTransaction transaction, string tokenId, string requestId, byte[] keyHash, string hostId)
    {
        transaction.Execute("UPDATE join_tokens SET uses = uses + 1 WHERE token_id = $id", ("$id", tokenId));
        transaction.Execute(
            "INSERT INTO enrolments (request_id, key_hash, host_id, token_id, at) VALUES ($request, $key, $host, $token, $now)",
            ("$request", requestId),
            ("$key", keyHash),
            ("$host", hostId),
            ("$token", tokenId),
            ("$now", transaction.Now.ToColumn()));
    }

    /// <summary>The host that a request_id has enrolled. Null if none.</summary>
    public static (string? HostId, byte[] KeyHash, string TokenId) FindEnrolment(StoreReader reader, string requestId) =>
        reader.First(
            "SELECT host_id, key_hash, token_id FROM enrolments WHERE request_id = $id",
            static row => ((string?)row.GetString(0), (byte[])row.GetValue(1), row.GetString(2)),
            ("$id", requestId));

    private static JoinTokenRow Read(DbDataReader row) => new()
    {
        TokenId = row.GetString(0),
        SecretHash = (byte[])row.GetValue(1),
        MaxUses = row.GetInt32(2),
        Uses = row.GetInt32(3),
        CreatedAt = row.Instant(4),
        ExpiresAt = row.Instant(5),
        HostName = row.GetString(6),
        Labels = JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(7)) ?? [],
        Note = row.GetString(8),
        CreatedBy = row.GetString(9),
        RevokedAt = row.InstantOrNull(10),
        RequestId = row.GetString(11),
        RequestHash = (byte[])row.GetValue(12),
    };
}
