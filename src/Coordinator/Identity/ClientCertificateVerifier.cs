using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Recognises our own client certificates: they chain only to our authority, without network access, are made for clients, and name one
/// identity. Expiry is judged separately, because an expired certificate of ours may still be renewed.
/// </summary>
internal sealed class ClientCertificateVerifier(CertificateAuthority authority)
{
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>Number of cached answers; foreign certificates are not cached, so that strangers cannot push ours out.</summary>
    private const int MaxRemembered = 20_000;

    private readonly ConcurrentDictionary<string, VerifiedCertificate> _known = new(StringComparer.Ordinal);

    /// <summary>Null if it is not a client certificate of ours. Does not check expiry or revocation.</summary>
    public VerifiedCertificate? Verify(X509Certificate2 certificate)
    {
        var hash = SHA256.HashData(certificate.RawData);
        var key = Convert.ToBase64String(hash);
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        if (CertificateIdentity.Read(certificate) is not { } identity || !Chains(certificate))
        {
            return null;
        }

        var verified = new VerifiedCertificate(
            identity, hash, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (_known.Count >= MaxRemembered)
        {
            _known.Clear();
        }

        _known[key] = verified;
        return verified;
    }

    private bool Chains(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.Add(authority.Certificate);
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.ApplicationPolicy.Add(new Oid(ClientUsage));

        // Checked at an instant at which it was valid; whether it is valid now is for the caller to decide.
        policy.VerificationTime = certificate.NotBefore.AddSeconds(1);
        try
        {
            return chain.Build(certificate);
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }
}
