using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Tests.Rig;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Identity;

public sealed class SigningRequestTests
{
    [Fact]
    public void ReadKey_P256SignedByItself_IsThatKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(SigningRequest.HashOf(new PublicKey(key)), SigningRequest.HashOf(SigningRequest.ReadKey(Requests.Csr(key))));
    }

    [Fact]
    public void ReadKey_OtherCurve_IsRefused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Refused(Requests.Csr(key), "P-256");
    }

    [Fact]
    public void ReadKey_Rsa_IsRefused()
    {
        using var key = RSA.Create(2_048);
        var csr = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequestPem();

        Refused(csr, "csr_pem");
    }

    [Fact]
    public void ReadKey_SignatureOfAnotherKey_IsRefused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = Requests.Csr(key);
        var der = Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
        der[^5] ^= 0x55;

        Refused(PemEncoding.WriteString("CERTIFICATE REQUEST", der), "csr_pem");
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----")]
    public void ReadKey_Garbage_IsRefused(string pem) => Refused(pem, "csr_pem");

    private static void Refused(string pem, string mentions)
    {
        var refusal = Assert.Throws<RpcException>(() => SigningRequest.ReadKey(pem));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains(mentions, refusal.Status.Detail, StringComparison.Ordinal);
    }
}
