using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Agent.Identity;
using Fleet.Agent.Session;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Grpc.Core;

namespace Fleet.Agent.Enrolment;

/// <summary>
/// Exchanges a join token for an identity. The order is what makes it safe: the authority is fetched without trust, compared
/// with the hash in the token, and only then is the token's secret sent, to a peer that this authority vouches for.
/// </summary>
internal sealed class HostEnrolment(IdentityStore store, TimeProvider time, Random random)
{
    private const int Attempts = 4;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    public async Task<EnrolmentResult> RunAsync(EnrolmentRequest request, HostFacts facts, CancellationToken cancellationToken)
    {
        if (store.Exists && !request.Force)
        {
            return Failed(
                $"this host is enrolled already: {store.Folder} holds its identity",
                "To give it a new identity, remove the host with `fleet host remove`, then enrol again with --force.");
        }

        var (authority, problem) = await FetchAuthorityAsync(request, cancellationToken);
        if (authority is null)
        {
            return problem!;
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signingRequest = new CertificateRequest($"CN={request.HostName}", key, HashAlgorithmName.SHA256);
        var message = new EnrollRequest
        {
            Token = request.Token.Credential,
            CsrPem = signingRequest.CreateSigningRequestPem(),
            HostName = request.HostName,
            RequestId = Guid.NewGuid().ToString(),
            Facts = facts,
        };
        foreach (var (name, value) in request.Labels)
        {
            message.Labels.Add(name, value);
        }

        using var channel = CoordinatorChannel.Pinned(request.Address, authority, identity: null);
        var client = new AgentService.AgentServiceClient(channel);
        var (answer, error) = await CallAsync(token => client.EnrollAsync(message, Options(token)), cancellationToken);
        if (answer is null)
        {
            return Explain(request, error!);
        }

        using var certificate = X509Certificate2.CreateFromPem(answer.CertificatePem);
        var identity = new HostIdentity(
            answer.HostId, request.HostName, [request.Address], certificate.CopyWithPrivateKey(key), authority);
        store.Write(identity);
        return new EnrolmentResult(identity);
    }

    private async Task<(X509Certificate2? Authority, EnrolmentResult? Problem)> FetchAuthorityAsync(
        EnrolmentRequest request, CancellationToken cancellationToken)
    {
        using var channel = CoordinatorChannel.Unverified(request.Address);
        var client = new AgentService.AgentServiceClient(channel);
        var (answer, error) = await CallAsync(
            token => client.GetAuthorityAsync(new GetAuthorityRequest(), Options(token)), cancellationToken);
        if (answer is null)
        {
            return (null, Explain(request, error!));
        }

        X509Certificate2 authority;
        try
        {
            authority = X509Certificate2.CreateFromPem(answer.CaCertificatePem);
        }
        catch (CryptographicException)
        {
            return (null, Failed($"{request.Address} did not answer with a certificate", "Check that the address is a fleet-coordinator's."));
        }

        var hash = SHA256.HashData(authority.RawData);
        if (!CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(request.Token.AuthorityHash)))
        {
            authority.Dispose();
            return (null, Failed(
                $"the coordinator at {request.Address} is not the one that made this token: its certificate authority has the SHA-256 "
                + $"{Convert.ToHexStringLower(hash)}, the token names {request.Token.AuthorityHash}. Nothing secret was sent.",
                "Make a new token on the coordinator that you mean, and check the address. If both are right, somebody is in between."));
        }

        return (authority, null);
    }

    // The request carries one request_id through all attempts: an answer that got lost costs no second host.
    private async Task<(T? Answer, RpcException? Error)> CallAsync<T>(
        Func<CancellationToken, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8), random);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var running = call(cancellationToken);
                return (await running.ResponseAsync, null);
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded && attempt < Attempts)
            {
                await Task.Delay(backoff.After(attempt), time, cancellationToken);
            }
            catch (RpcException e)
            {
                return (null, e);
            }
        }
    }

    private CallOptions Options(CancellationToken cancellationToken) =>
        new(deadline: (time.GetUtcNow() + CallTimeout).UtcDateTime, cancellationToken: cancellationToken);

    private static EnrolmentResult Explain(EnrolmentRequest request, RpcException error)
    {
        var detail = ErrorDetails.From(error);
        if (error.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            return Failed(
                $"no answer from {request.Address}: {LogText.Escape(error.Status.Detail)}",
                "Check the address and the port (7443 unless configured otherwise), that fleet-coordinator runs there, and firewalls between.");
        }

        var message = detail is { Message.Length: > 0 } ? detail.Message : error.Status.Detail;
        var whatToDo = detail is { WhatToDo.Length: > 0 } ? detail.WhatToDo : detail?.Reason switch
        {
            Reason.TokenInvalid => "Check that the whole token was pasted; `fleet token list` shows the tokens that exist.",
            Reason.TokenExpired or Reason.TokenUsedUp => "Make a new one with `fleet token create`.",
            _ => "See the coordinator's log.",
        };
        return Failed($"the coordinator refused the enrolment: {LogText.Escape(message)}", LogText.Escape(whatToDo));
    }

    private static EnrolmentResult Failed(string problem, string whatToDo) => new(null, problem, whatToDo);
}
