using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fleet.Testing;

/// <summary>A certificate authority for tests, limited to leaf certificates as the coordinator's is. Valid from 2020 to 2070.</summary>
public sealed class TestAuthority
{
    /// <summary>Before any time that a test gives to a clock.</summary>
    public static readonly DateTimeOffset Born = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="name">Common name of its certificate.</param>
    public TestAuthority(string name = "Fleet test authority")
    {
        using var key = NewKey();
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Certificate = request.CreateSelfSigned(Born, Born.AddYears(50));
    }

    /// <summary>With its key.</summary>
    public X509Certificate2 Certificate { get; }

    public string CertificatePem => Certificate.ExportCertificatePem();

    /// <summary>Signs a CSR without the extensions that it asks for.</summary>
    /// <returns>The certificate as PEM.</returns>
    public string Sign(string csrPem, DateTimeOffset from, DateTimeOffset to)
    {
        var request = CertificateRequest.LoadSigningRequestPem(csrPem, HashAlgorithmName.SHA256);
        using var certificate = request.Create(Certificate, from, to, NewSerialNumber());
        return certificate.ExportCertificatePem();
    }

    /// <summary>Of a server on the loopback interface, with its key.</summary>
    /// <param name="to">Null: in decades.</param>
    public X509Certificate2 ServerCertificate(DateTimeOffset? to = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        return Issue("fleet-coordinator", names.Build(), Born, to ?? Born.AddYears(40));
    }

    /// <summary>Of a client that is known by a URI, with its key.</summary>
    public X509Certificate2 ClientCertificate(Uri identity, DateTimeOffset from, DateTimeOffset to)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(identity);
        var clientAuthentication = new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false);
        return Issue("host", names.Build(), from, to, clientAuthentication);
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static byte[] NewSerialNumber() => RandomNumberGenerator.GetBytes(8);

    private X509Certificate2 Issue(string name, X509Extension names, DateTimeOffset from, DateTimeOffset to, X509Extension? usage = null)
    {
        using var key = NewKey();
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names);
        if (usage is not null)
        {
            request.CertificateExtensions.Add(usage);
        }

        using var certificate = request.Create(Certificate, from, to, NewSerialNumber());
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
