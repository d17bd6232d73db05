using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Identity;

/// <summary>An operator as stored.</summary>
internal sealed record OperatorRow
{
    public long OperatorId { get; init; }

    public required string Name { get; init; }

    public required Role Role { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required string CreatedBy { get; init; }

    public required CredentialKind Credential { get; init; }

    /// <summary>Id half of the bearer token. Null if the credential is a certificate.</summary>
    public string? TokenId { get; init; }

    /// <summary>SHA-256 of the bearer token's secret.</summary>
    public byte[]? SecretHash { get; init; }

    /// <summary>SHA-256 over the certificate's DER form. Null if the credential is a bearer token.</summary>
    public byte[]? CertificateHash { get; init; }

    /// <summary>When the credential was last used, to the minute. Null if never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Null if not removed.</summary>
    public DateTimeOffset? RemovedAt { get; init; }
}
