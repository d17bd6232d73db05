using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Agent.Connection;
using Fleet.Protocol.V1;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Enrolment;

/// <summary>Gets a new certificate, for a new key, over the connection that the old one opened.</summary>
internal sealed partial class CertificateRenewal(IdentityStore store, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMinutes(10);
    private long? _failedAt;

    /// <summary>True if a new identity is stored, and the session should be opened again with it.</summary>
    public async Task<bool> RenewIfDueAsync(HostIdentity identity, CallInvoker connection, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() < identity.RenewAt || (_failedAt is { } failedAt && time.GetElapsedTime(failedAt) < RetryPause))
        {
            return false;
        }

        try
        {
            await RenewAsync(identity, connection, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is RpcException or CryptographicException or IOException)
        {
            _failedAt = time.GetTimestamp();
            LogFailed(identity.ExpiresAt, e is RpcException rpc ? RpcFailure.Describe(rpc) : e.Message);
            return false;
        }
    }

    /// <summary>Now. The coordinator takes a certificate for this for a year after its end: hosts are off for months.</summary>
    /// <exception cref="RpcException">The coordinator refused, or was not reached.</exception>
    /// <exception cref="CryptographicException">Its answer is unusable.</exception>
    /// <exception cref="IOException">The new identity could not be stored.</exception>
    public async Task RenewAsync(HostIdentity identity, CallInvoker connection, CancellationToken cancellationToken)
    {
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            var options = new CallOptions(deadline: (time.GetUtcNow() + CallTimeout).UtcDateTime, cancellationToken: cancellationToken);
            var response = await new AgentService.AgentServiceClient(connection)
                .RenewAsync(new RenewRequest { CsrPem = EnrolmentClient.SigningRequest(key) }, options);
            using var certificate = X509Certificate2.CreateFromPem(response.CertificatePem);
            using var publicKey = certificate.GetECDsaPublicKey();
            if (publicKey is null
                || !publicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())
                || !CoordinatorChannel.IsSignedBy(certificate, identity.Authority))
            {
                throw new CryptographicException(
                    $"the new certificate, valid from {certificate.NotBefore.ToUniversalTime():u} to "
                        + $"{certificate.NotAfter.ToUniversalTime():u}, is not valid now: is this host's clock right "
                            + $"({time.GetUtcNow():u})?");
            }

            store.Save(identity.HostId, identity.Name, identity.Coordinators, key, response.CertificatePem,
                identity.Authority.ExportCertificatePem() + "\n");
            _failedAt = null;
            LogRenewed(certificate.NotAfter.ToUniversalTime());
        }
    }
}
