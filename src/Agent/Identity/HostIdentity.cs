using System.Security.Cryptography.X509Certificates;

namespace Fleet.Agent.Identity;

/// <summary>What enrolment gave this host. Immutable; a renewal makes a new one.</summary>
/// <param name="HostId">UUID, also in the certificate's URI SAN.</param>
/// <param name="HostName">The name that operators know it by.</param>
/// <param name="Coordinators">Addresses from the enrolment; agent.yaml may name others.</param>
/// <param name="Certificate">With its private key.</param>
/// <param name="Authority">The only authority that a coordinator's certificate may come from.</param>
internal sealed record HostIdentity(
    string HostId,
    string HostName,
    IReadOnlyList<Uri> Coordinators,
    X509Certificate2 Certificate,
    X509Certificate2 Authority)
{
    public DateTimeOffset NotBefore => new(Certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero);

    public DateTimeOffset NotAfter => new(Certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    /// <summary>Two thirds of the certificate's life: early enough that a coordinator may be away for weeks.</summary>
    public DateTimeOffset RenewAt => NotBefore + ((NotAfter - NotBefore) * 2 / 3);
}
