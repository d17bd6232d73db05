using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fleet.Coordinator.Tests.Identity;

/// <summary>Client certificates of an authority that calls itself like ours.</summary>
internal static class ForeignCertificates
{
    public static X509Certificate2 Make(Uri identity)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=fleet certificate authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        using var issuer = authority.CreateSelfSigned(now.AddDays(-1), now.AddDays(100));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=host", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(identity);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var certificate = request.Create(issuer, now.AddHours(-1), now.AddDays(90), [1, 2, 3, 4]);
        return certificate.CopyWithPrivateKey(key);
    }
}
