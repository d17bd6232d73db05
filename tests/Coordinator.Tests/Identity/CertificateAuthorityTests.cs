using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Coordinator.Tests.Identity;

public sealed class CertificateAuthorityTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("fleet-ca-").FullName;
    private readonly StateDirectory _directory;

    public CertificateAuthorityTests() => _directory = StateDirectory.Open(_path);

    [Fact]
    public void Open_FirstStart_MakesP256AuthorityForTenYearsWithPrivateKeyFile()
    {
        using var authority = Open();

        using var key = authority.Certificate.GetECDsaPublicKey();
        Assert.Equal("1.2.840.10045.3.1.7", key!.ExportParameters(false).Curve.Oid.Value);
        Assert.InRange(
            authority.Certificate.NotAfter - authority.Certificate.NotBefore, TimeSpan.FromDays(3_650), TimeSpan.FromDays(3_660));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(_path, CertificateAuthority.KeyFile)));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(authority.Certificate.RawData)), authority.Sha256Hex);
    }

    [Fact]
    public void Open_Again_IsTheSameAuthority()
    {
        using var first = Open();
        using var second = Open();

        Assert.Equal(first.Sha256Hex, second.Sha256Hex);
    }

    [Fact]
    public void Open_CrashBetweenKeyAndCertificate_GoesOnWithTheKey()
    {
        using (Open())
        {
            File.Delete(Path.Combine(_path, CertificateAuthority.CertificateFile));
        }

        using var again = Open();
        using var certificate = again.IssueServer(
            new ServerNames(["localhost"], [IPAddress.Loopback]),
            TimeProvider.System.GetUtcNow() + CertificateAuthority.ServerLifetime);
        Assert.True(certificate.HasPrivateKey);
    }

    [Fact]
    public void Open_KeyOthersCanRead_IsMadePrivateAgain()
    {
        Open().Dispose();
        var path = Path.Combine(_path, CertificateAuthority.KeyFile);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        Open().Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Open_CertificateWithoutKey_IsRefusedWithWhatToDo()
    {
        Open().Dispose();
        File.Delete(Path.Combine(_path, CertificateAuthority.KeyFile));

        Assert.Contains("backup", Assert.Throws<StoreException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_KeyOfAnotherAuthority_IsRefused()
    {
        Open().Dispose();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Path.Combine(_path, CertificateAuthority.KeyFile), other.ExportPkcs8PrivateKeyPem());

        Assert.Throws<StoreException>(Open);
    }

    [Fact]
    public void IssueHost_Certificate_NamesTheHostOnceAndVerifies()
    {
        using var authority = Open();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = Guid.NewGuid().ToString("D");

        using var certificate = authority.IssueHost(id, new PublicKey(key));

        Assert.Equal(new CertificateIdentity(CallerKind.Host, id), CertificateIdentity.Read(certificate));
        Assert.Equal(id, new ClientCertificateVerifier(authority).Verify(certificate)?.Identity.Id);
        Assert.InRange(certificate.NotAfter - certificate.NotBefore, TimeSpan.FromDays(90), TimeSpan.FromDays(90.1));
    }

    [Fact]
    public void Verify_ServerCertificateOfOurs_IsNoClient()
    {
        using var authority = Open();
        using var server = authority.IssueServer(
            new ServerNames(["localhost"], []), TimeProvider.System.GetUtcNow() + CertificateAuthority.ServerLifetime);

        Assert.Null(new ClientCertificateVerifier(authority).Verify(server));
    }

    [Fact]
    public void Verify_CopyOfOurNamesSignedByAnother_IsForeign()
    {
        using var authority = Open();
        using var foreign = ForeignCertificates.Make(CertificateIdentity.HostUri(Guid.NewGuid().ToString("D")));

        Assert.NotNull(CertificateIdentity.Read(foreign));
        Assert.Null(new ClientCertificateVerifier(authority).Verify(foreign));
    }

    [Fact]
    public async Task Collect_ConfiguredNames_AreInTheServerCertificateBesideLoopback()
    {
        using var authority = Open();
        var names = await ServerNames.CollectAsync(["fleet.example.org", "192.0.2.7", "not a name"]);

        using var certificate = authority.IssueServer(names, TimeProvider.System.GetUtcNow() + CertificateAuthority.ServerLifetime);

        var san = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Contains("fleet.example.org", san.EnumerateDnsNames());
        Assert.Contains("localhost", san.EnumerateDnsNames());
        Assert.Contains(Environment.MachineName.ToLowerInvariant(), san.EnumerateDnsNames());
        Assert.Contains(IPAddress.Parse("192.0.2.7"), san.EnumerateIPAddresses());
        Assert.Contains(IPAddress.IPv6Loopback, san.EnumerateIPAddresses());
    }

    public void Dispose()
    {
        _directory.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    private CertificateAuthority Open() =>
        CertificateAuthority.Open(_directory, TimeProvider.System, NullLogger<CertificateAuthority>.Instance);
}
