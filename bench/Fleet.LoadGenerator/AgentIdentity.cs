using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.LoadGenerator;

/// <summary>An enrolled simulated host.</summary>
internal sealed record AgentIdentity(string HostId, string Name, X509Certificate2 Certificate, IPAddress From)
{
    public static async Task<AgentIdentity> EnrolAsync(
        Uri address, X509Certificate2 authority, string token, int number, CancellationToken cancellationToken)
    {
        var from = new IPAddress([127, 1, (byte)(number / 200), (byte)(1 + (number % 200))]);
        var name = $"load-{number:d5}";
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var channel = PinnedChannel.Open(address, authority, from: from);
        var answer = await new AgentService.AgentServiceClient(channel).EnrollAsync(
            new EnrollRequest
            {
                Token = token,
                CsrPem = request.CreateSigningRequestPem(),
                HostName = name,
                RequestId = Guid.NewGuid().ToString(),
                Labels = { ["load"] = "true" },
                Facts = new HostFacts { OperatingSystem = "simulated", MachineIdHash = $"{number:x64}" },
            },
            new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(120), cancellationToken: cancellationToken));
        using var certificate = X509Certificate2.CreateFromPem(answer.CertificatePem);
        using var withKey = certificate.CopyWithPrivateKey(key);
        return new AgentIdentity(answer.HostId, name, X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null), from);
    }
}
