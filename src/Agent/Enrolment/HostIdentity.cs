using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fleet.Agent.Enrolment;

/// <summary>Who this host is in its fleet.</summary>
internal sealed record HostIdentity
{
    /// <summary>UUID.</summary>
    public required string HostId { get; init; }

    public required string Name { get; init; }

    /// <summary>"https://host:port", as given at the enrolment.</summary>
    public required IReadOnlyList<string> Coordinators { get; init; }

    /// <summary>With its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    public required X509Certificate2 Authority { get; init; }

    /// <summary>SHA-256 of the certificate of the fleet's authority, hex.</summary>
    public string FleetId => Convert.ToHexStringLower(SHA256.HashData(Authority.RawData));

    /// <summary>From here on the certificate is to be renewed: two thirds of its life.</summary>
    public DateTimeOffset RenewAt
    {
        get
        {
            DateTimeOffset from = Certificate.NotBefore.ToUniversalTime(), to = Certificate.NotAfter.ToUniversalTime();
            return from + ((to - from) * (2.0 / 3));
        }
    }

    public DateTimeOffset ExpiresAt => Certificate.NotAfter.ToUniversalTime();
}
