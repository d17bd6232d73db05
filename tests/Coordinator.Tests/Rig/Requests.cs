using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>Requests that many tests send, and how they read refusals.</summary>
internal static class Requests
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static EnrollRequest Enrol(string token, string name, ECDsa key, string? requestId = null) => new()
    {
        Token = token,
        HostName = name,
        CsrPem = Csr(key),
        RequestId = requestId ?? Guid.NewGuid().ToString(),
    };

    /// <summary>What fleet-agent sends of a join token: all but the authority's fingerprint at its end, which it checks itself.</summary>
    public static string TokenToSend(CreateJoinTokenResponse token) => token.Secret[..token.Secret.LastIndexOf('.')];

    public static string Csr(ECDsa key) =>
        new CertificateRequest("CN=ignored", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    public static X509Certificate2 WithKey(string certificatePem, ECDsa key)
    {
        using var certificate = X509Certificate2.CreateFromPem(certificatePem);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>The call must be refused so.</summary>
    public static async Task<RpcException> RefusedAsync(StatusCode code, Reason reason, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((code, FleetError.NameOf(reason)), (refusal.StatusCode, refusal.Trailers.GetValue(FleetError.ReasonTrailer) ?? ""));
        Assert.NotEmpty(refusal.Status.Detail);
        return refusal;
    }
}
