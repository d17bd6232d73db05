namespace Fleet.Coordinator.Identity;

/// <summary>A client certificate that our authority has signed.</summary>
/// <param name="Identity">The identity that it names.</param>
/// <param name="Hash">SHA-256 over its DER form.</param>
internal sealed record VerifiedCertificate(CertificateIdentity Identity, byte[] Hash, DateTimeOffset NotBefore, DateTimeOffset NotAfter);
