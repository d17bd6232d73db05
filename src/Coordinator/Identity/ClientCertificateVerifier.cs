using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Tells our client certificates from others: a chain to our authority and nothing else, no network, made for clients, naming one
/// identity. Time is told apart, because an expired certificate of ours may still renew itself.
/// </summary>
internal sealed class ClientCertificateVerifier(CertificateAuthority authority)
{
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>Answers that are remembered; foreign certificates are not, so that strangers cannot push ours out.</summary>
    private const int MaxRemembered = 20_000;

    private readonly ConcurrentDictionary<string, VerifiedCertificate> _known = new(StringComparer.Ordinal);

    /// <summary>Null if it is not a client certificate of ours. Says nothing about time and revocation.</summary>
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

        // At an instant at which it was valid: whether it is now is the caller's question.
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
