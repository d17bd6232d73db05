using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Agent.Connection;
using Fleet.Agent.Logging;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Grpc.Core;

namespace Fleet.Agent.Enrolment;

/// <summary>Exchanges a join token for an identity. Nothing secret is sent before the authority's hash was compared.</summary>
internal sealed class EnrolmentClient(TimeProvider time)
{
    private const int Attempts = 4;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), Random.Shared);

    /// <exception cref="EnrolmentFailure">What was wrong and what to do.</exception>
    public async Task<EnrollResponse> EnrollAsync(
        string address, JoinToken token, ECDsa key, string requestId, string name, IReadOnlyDictionary<string, string> labels,
        HostFacts facts, CancellationToken cancellationToken)
    {
        var authority = await GetAuthorityAsync(address, token, cancellationToken);
        var request = new EnrollRequest
        {
            Token = token.Secret,
            CsrPem = SigningRequest(key),
            HostName = name,
            RequestId = requestId,
            Facts = facts
        };
        foreach (var (label, value) in labels)
        {
            request.Labels[label] = value;
        }

        using var channel = CoordinatorChannel.Pinned(address, authority, certificate: null);
        var client = new AgentService.AgentServiceClient(channel);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // The same request_id each time: an answer that was lost is given again, and no second host is made.
                var response = await client.EnrollAsync(request, Options(cancellationToken));
                Verify(response, key, authority, address);
                return response;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && attempt < Attempts)
            {
                await Task.Delay(_backoff.After(attempt), time, cancellationToken);
            }
            catch (RpcException e)
            {
                throw new EnrolmentFailure(Explain(e, address, token, name)) { IsNameTaken = RpcFailure.Reason(e) == Reason.AlreadyExists };
            }
        }
    }

    /// <summary>PKCS #10. The coordinator takes only the key from it.</summary>
    public static string SigningRequest(ECDsa key) =>
        new CertificateRequest("CN=fleet-agent", key, HashAlgorithmName.SHA256).CreateSigningRequestPem() + "\n";

    private async Task<X509Certificate2> GetAuthorityAsync(string address, JoinToken token, CancellationToken cancellationToken)
    {
        using var channel = CoordinatorChannel.Unverified(address);
        GetAuthorityResponse response;
        try
        {
            response = await new AgentService.AgentServiceClient(channel).GetAuthorityAsync(
                new GetAuthorityRequest(), Options(cancellationToken));
        }
        catch (RpcException e)
        {
            throw new EnrolmentFailure($"{address} cannot be reached or is no Fleet coordinator ({Why(e)}): check address, port (7443) "
                + $"and firewall, then try again. Nothing secret was sent");
        }

        X509Certificate2 authority;
        try
        {
            authority = X509Certificate2.CreateFromPem(response.CaCertificatePem);
        }
        catch (CryptographicException)
        {
            throw new EnrolmentFailure($"{address} sent no certificate that could be read. Nothing secret was sent");
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(authority.RawData));
        return hash == token.AuthorityHash
            ? authority
            : throw new EnrolmentFailure(
                $"the certificate authority of {address} is not the one that the token names (token: {token.AuthorityHash[..16]}..., "
                    + $"there: {hash[..16]}...). "
                + "Nothing secret was sent. Either the token is of another fleet, or something between here and the coordinator pretends "
                    + "to be it: compare with `fleet token create` on the coordinator");
    }

    private static void Verify(EnrollResponse response, ECDsa key, X509Certificate2 authority, string address)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(response.CertificatePem);
            using var publicKey = certificate.GetECDsaPublicKey();
            if (HostId.TryRead(response.HostId) is not null
                && publicKey is not null
                && publicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())
                && CoordinatorChannel.IsSignedBy(certificate, authority))
            {
                return;
            }
        }
        catch (CryptographicException)
        {
            // Said below.
        }

        throw new EnrolmentFailure(
            $"{address} answered with a certificate that does not fit the key that was made here; nothing was stored");
    }

    private static string Explain(RpcException e, string address, JoinToken token, string name) => RpcFailure.Reason(e) switch
    {
        Reason.TokenExpired => $"the token {token} has expired: make another with `fleet token create`",
        Reason.TokenUsedUp => $"the token {token} has been used as often as it allows: make another with `fleet token create`",
        Reason.TokenInvalid =>
            $"the coordinator does not know the token {token}, or it was revoked: make another with `fleet token create`",
        Reason.AlreadyExists => $"the name {name} is taken: {RpcFailure.Describe(e)}",
        Reason.ClockSkew =>
            $"this host's clock is too far from the coordinator's: set it (timedatectl), then try again "
                + $"({LogText.Escape(e.Status.Detail)})",
        _ => $"{address} refused the enrolment: {RpcFailure.Describe(e)}",
    };

    private CallOptions Options(CancellationToken cancellationToken) =>
        new(deadline: (time.GetUtcNow() + CallTimeout).UtcDateTime, cancellationToken: cancellationToken);

    /// <summary>A deadline that passes has no words of its own.</summary>
    private static string Why(RpcException e) =>
        e.Status.Detail.Length > 0 ? LogText.Escape(e.Status.Detail)
        : e.StatusCode is StatusCode.DeadlineExceeded or StatusCode.Cancelled ? $"no answer within {CallTimeout.TotalSeconds:0} s"
        : e.StatusCode.ToString();
}
