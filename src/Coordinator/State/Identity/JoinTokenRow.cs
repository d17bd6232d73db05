namespace Fleet.Coordinator.State.Identity;

/// <summary>A join token as stored.</summary>
internal sealed record JoinTokenRow
{
    public required string TokenId { get; init; }

    /// <summary>SHA-256.</summary>
    public required byte[] SecretHash { get; init; }

    public required int MaxUses { get; init; }

    public int Uses { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Empty for any host.</summary>
    public required string HostName { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required string Note { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Null if not revoked.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    public required string RequestId { get; init; }

    /// <summary>SHA-256 of the request.</summary>
    public required byte[] RequestHash { get; init; }
}
