using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Identity;

/// <summary>
/// Gets a new certificate, with a new key, at two thirds of the old one's life. A coordinator that is away only delays it:
/// a third of the life is left, and the coordinator accepts a renewal for a while after the end, too.
/// </summary>
internal sealed partial class CertificateRenewal(
    CurrentIdentity current, Func<IReadOnlyList<Uri>> addresses, TimeProvider time, Random random, ILogger<CertificateRenewal> log)
{
    // The wall clock may be stepped while this waits: never wait longer than this for it.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(TimeSpan.FromMinutes(1), TimeSpan.FromHours(6), random);
        var failures = 0;
        while (true)
        {
            var identity = await current.WaitAsync(cancellationToken);
            var wait = identity.RenewAt - time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait < LongestWait ? wait : LongestWait, time, cancellationToken);
                continue;
            }

            if (await RenewAsync(identity, cancellationToken))
            {
                failures = 0;
                continue;
            }

            failures++;
            await Task.Delay(backoff.After(failures), time, cancellationToken);
        }
    }

    /// <returns>Whether some coordinator signed a new certificate; it is in force then.</returns>
    internal async Task<bool> RenewAsync(HostIdentity identity, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={identity.HostName}", key, HashAlgorithmName.SHA256);
        var message = new RenewRequest { CsrPem = request.CreateSigningRequestPem() };
        foreach (var address in addresses())
        {
            try
            {
                using var channel = CoordinatorChannel.Pinned(address, identity.Authority, identity.Certificate);
                var options = new CallOptions(deadline: (time.GetUtcNow() + CallTimeout).UtcDateTime, cancellationToken: cancellationToken);
                var answer = await new AgentService.AgentServiceClient(channel).RenewAsync(message, options);
                using var certificate = X509Certificate2.CreateFromPem(answer.CertificatePem);
                current.Replace(identity with { Certificate = certificate.CopyWithPrivateKey(key) });
                LogRenewed(log, current.Value!.NotAfter);
                return true;
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(log, address, e.StatusCode, Tools.LogText.Escape(e.Status.Detail), identity.NotAfter);
            }
        }

        return false;
    }
}
