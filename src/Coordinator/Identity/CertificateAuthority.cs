using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// The fleet's own certificate authority: ECDSA P-256, created at the first start. Its key never leaves the state directory
/// (ca-key.pem, mode 0600) and signs host, operator and server certificates only (path length 0).
/// </summary>
internal sealed partial class CertificateAuthority : IDisposable
{
    public const string CertificateFile = "ca.pem";
    public const string KeyFile = "ca-key.pem";

    /// <summary>Lifetime of a host's certificate. Agents renew at two thirds of it.</summary>
    public static readonly TimeSpan HostLifetime = TimeSpan.FromDays(90);

    /// <summary>Lifetime of the server's certificate, which is renewed in the running process.</summary>
    public static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(90);

    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3_653);

    /// <summary>Certificates are valid from this long before their issue, because the clocks of a fleet differ.</summary>
    private static readonly TimeSpan Backdate = TimeSpan.FromHours(1);
    private static readonly TimeSpan AuthorityBackdate = TimeSpan.FromDays(2);

    private readonly X509Certificate2 _certificate;
    private readonly TimeProvider _clock;

    private CertificateAuthority(X509Certificate2 certificate, TimeProvider clock)
    {
        _certificate = certificate;
        _clock = clock;
        Certificate = X509CertificateLoader.LoadCertificate(certificate.RawData);
        CertificatePem = certificate.ExportCertificatePem() + "\n";
        Sha256Hex = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
    }

    /// <summary>The certificate, without its key.</summary>
    public X509Certificate2 Certificate { get; }

    public string CertificatePem { get; }

    /// <summary>SHA-256 over the certificate's DER form in lower-case hex, as join tokens carry it.</summary>
    public string Sha256Hex { get; }

    /// <summary>Reads the authority from the state directory, or creates it at the first start.</summary>
    /// <exception cref="StoreException">Its files are damaged or do not belong together.</exception>
    public static CertificateAuthority Open(StateDirectory directory, TimeProvider clock, ILogger<CertificateAuthority> log)
    {
        var keyPath = directory.FilePath(KeyFile);
        var certificatePath = directory.FilePath(CertificateFile);
        if (!File.Exists(keyPath))
        {
            if (File.Exists(certificatePath))
            {
                throw new StoreException(
                    $"{certificatePath} is there without its key {keyPath}: restore the key from a backup of the state directory. " +
                    "Without it, every host must enrol again; to accept that, move ca.pem away too");
            }

            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            SecretFile.Write(keyPath, made.ExportPkcs8PrivateKeyPem() + "\n");
        }

        if (SecretFile.Restrict(keyPath))
        {
            KeyWasReadable(log, keyPath);
        }

        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(keyPath));
            if (!File.Exists(certificatePath))
            {
                // This is the first start, or there was a crash between writing the two files.
                using var made = SelfSign(key, clock.GetUtcNow());
                SecretFile.Write(certificatePath, made.ExportCertificatePem() + "\n");
                AuthorityMade(log, certificatePath);
            }

            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(certificatePath));
            return new CertificateAuthority(certificate.CopyWithPrivateKey(key), clock);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new StoreException(
                $"{keyPath} and {certificatePath} cannot be used together ({exception.Message}): restore both from a backup of the "
                + "state directory",
                exception);
        }
    }

    /// <summary>A client certificate with URI SAN "fleet://host/ID".</summary>
    public X509Certificate2 IssueHost(string hostId, PublicKey key) =>
        Issue(
            $"fleet host {hostId}",
            key,
            ClientSan(CertificateIdentity.HostUri(hostId)),
            "1.3.6.1.5.5.7.3.2",
            _clock.GetUtcNow() + HostLifetime);

    /// <summary>A client certificate with URI SAN "fleet://operator/NAME".</summary>
    public X509Certificate2 IssueOperator(string name, PublicKey key, TimeSpan lifetime) =>
        Issue(
            $"fleet operator {name}",
            key,
            ClientSan(CertificateIdentity.OperatorUri(name)),
            "1.3.6.1.5.5.7.3.2",
            _clock.GetUtcNow() + lifetime);

    /// <summary>A server certificate with a key of its own, which stays in memory.</summary>
    /// <param name="notAfter">
    /// By the wall clock, even if that may have jumped ahead: callers whose clocks jumped with it must not find the certificate expired.
    /// </param>
    public X509Certificate2 IssueServer(ServerNames names, DateTimeOffset notAfter)
    {
        var san = new SubjectAlternativeNameBuilder();
        foreach (var name in names.DnsNames)
        {
            san.AddDnsName(name);
        }

        foreach (var address in names.Addresses)
        {
            san.AddIpAddress(address);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue("fleet coordinator", new PublicKey(key), san.Build(), "1.3.6.1.5.5.7.3.1", notAfter);
        return certificate.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        Certificate.Dispose();
    }

    private static X509Extension ClientSan(Uri uri)
    {
        var san = new SubjectAlternativeNameBuilder();
        san.AddUri(uri);
        return san.Build(critical: false);
    }

    private static X509Certificate2 SelfSign(ECDsa key, DateTimeOffset now)
    {
        var request = new CertificateRequest(Name("fleet certificate authority"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - AuthorityBackdate, now + AuthorityLifetime);
    }

    private static X500DistinguishedName Name(string commonName)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(commonName.Length <= 64 ? commonName : commonName[..64]); // ub-common-name, RFC 5280
        return builder.Build();
    }

    private X509Certificate2 Issue(string commonName, PublicKey key, X509Extension san, string usage, DateTimeOffset end)
    {
        var request = new CertificateRequest(Name(commonName), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(san);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40); // Positive, and never shorter (RFC 5280, 4.1.2.2).
        var notBefore = Later(_clock.GetUtcNow() - Backdate, _certificate.NotBefore.ToUniversalTime());
        var notAfter = Earlier(end, _certificate.NotAfter.ToUniversalTime());
        return request.Create(_certificate, notBefore, notAfter, serial);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
