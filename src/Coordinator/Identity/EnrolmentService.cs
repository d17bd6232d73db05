using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Audit;
using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Hosts;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Identity;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>Makes a machine a host, and keeps it one: AgentService.GetAuthority, Enroll and Renew.</summary>
internal sealed class EnrolmentService(
    FleetStore store, CertificateAuthority authority, IHostDirectory hosts, AttemptLimiter limiter, TrustedTime clock)
{
    private const string NewToken = "Make a new one: fleet token create.";
    private const int MaxFactsBytes = 16 * 1024;

    public Task<GetAuthorityResponse> GetAuthorityAsync(ServerCallContext context)
    {
        TakeAttempt(context);
        return Task.FromResult(new GetAuthorityResponse { CaCertificatePem = authority.CertificatePem });
    }

    /// <summary>Exchanges a join token for a host identity. The same request_id and key give the same host again.</summary>
    public async Task<EnrollResponse> EnrollAsync(EnrollRequest request, ServerCallContext context)
    {
        TakeAttempt(context);
        try
        {
            return await EnrolAsync(request, context);
        }
        catch (RpcException)
        {
            limiter.Failed(context.GetHttpContext().Connection.RemoteIpAddress);
            throw;
        }
    }

    /// <summary>Issues a new certificate to the calling host, which keeps its id.</summary>
    public async Task<RenewResponse> RenewAsync(RenewRequest request, ServerCallContext context)
    {
        var hostId = context.Caller().Id;
        var key = SigningRequest.ReadKey(request.CsrPem);
        using var certificate = authority.IssueHost(hostId, key);
        var expiresAt = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        await store.WriteAsync(
            transaction =>
            {
                if (HostStore.FindById(transaction, hostId) is not { RemovedAt: null })
                {
                    throw Removed(); // Removed in the meantime.
                }

                HostStore.SetCertificateExpiry(transaction, hostId, expiresAt);
            },
            context.CancellationToken);
        return new RenewResponse
        {
            CertificatePem = certificate.ExportCertificatePem() + "\n",
            CaCertificatePem = authority.CertificatePem,
        };
    }

    private async Task<EnrollResponse> EnrolAsync(EnrollRequest request, ServerCallContext context)
    {
        var credential = Credential.Parse(Credential.JoinPrefix, WithoutAuthorityHash(request.Token)) ?? throw TokenInvalid();
        AuditNote.Of(context).Who = $"token:{credential.Id}";

        // The secret is checked first: a stranger must not learn anything about names and rules.
        var token = await store.ReadAsync(reader => JoinTokenStore.Find(reader, credential.Id), context.CancellationToken);
        if (token is null || !credential.Matches(token.SecretHash) || token.RevokedAt is not null)
        {
            throw TokenInvalid();
        }

        RequestRules.RequestId(request.RequestId);
        RequestRules.HostName("host_name", request.HostName);
        RequestRules.Labels("labels", request.Labels);
        if (request.Facts?.CalculateSize() > MaxFactsBytes)
        {
            throw FleetError.InvalidArgument("facts", "are larger than 16 KiB");
        }

        if (request.Facts is not null)
        {
            AgentEdge.CleanFacts(request.Facts);
        }

        var key = SigningRequest.ReadKey(request.CsrPem);
        var hostId = await store.WriteAsync(
            transaction => Admit(transaction, request, credential.Id, key, context.Caller().Address), context.CancellationToken);
        await hosts.EnrolledAsync(hostId, context.CancellationToken);

        using var certificate = authority.IssueHost(hostId, key);
        return new EnrollResponse
        {
            HostId = hostId,
            CertificatePem = certificate.ExportCertificatePem() + "\n",
            CaCertificatePem = authority.CertificatePem,
        };
    }

    private string Admit(StoreTransaction transaction, EnrollRequest request, string tokenId, PublicKey key, string address)
    {
        var keyHash = SigningRequest.HashOf(key);
        var earlier = JoinTokenStore.FindEnrolment(transaction, request.RequestId);
        if (earlier.HostId is not null)
        {
            if (earlier.TokenId != tokenId || !earlier.KeyHash.AsSpan().SequenceEqual(keyHash))
            {
                throw RequestRules.RequestIdReused();
            }

            return HostStore.FindById(transaction, earlier.HostId) is { RemovedAt: null } ? earlier.HostId : throw Removed();
        }

        var token = JoinTokenStore.Find(transaction, tokenId) ?? throw TokenInvalid();
        Check(token, request.HostName, clock.GetUtcNow());
        if (HostStore.Find(transaction, request.HostName) is { } other)
        {
            // Removing a host that merely has the same name would end another machine's backups.
            var (mine, theirs) = (request.Facts?.MachineIdHash ?? "", other.Facts?.MachineIdHash ?? "");
            var whatToDo = mine.Length > 0 && mine == theirs
                ? $"That one has this machine's id: if this machine was reinstalled, fleet host remove {request.HostName}, then enrol "
                    + "again. If it is a copy of it, give it a machine id of its own (man machine-id) and another name: --name."
                : mine.Length > 0 && theirs.Length > 0
                    ? "That is another machine. Choose another name for this one: --name, for example its full name."
                    : "Choose another name for this one: --name, for example its full name.";
            throw FleetError.Create(
                StatusCode.AlreadyExists,
                Reason.AlreadyExists,
                $"a host named {request.HostName} is already enrolled",
                whatToDo);
        }

        var hostId = Guid.NewGuid().ToString("D"); // Random, so never given twice.
        var labels = new Dictionary<string, string>(request.Labels);
        foreach (var (label, value) in token.Labels)
        {
            labels[label] = value; // The operator's labels override the machine's.
        }

        HostStore.Enrol(
            transaction,
            new NewHost(hostId, request.HostName, labels, request.Facts, clock.GetUtcNow() + CertificateAuthority.HostLifetime, address));
        JoinTokenStore.Use(transaction, tokenId, request.RequestId, keyHash, hostId);
        return hostId;
    }

    private static void Check(JoinTokenRow token, string hostName, DateTimeOffset now)
    {
        if (token.RevokedAt is not null)
        {
            throw TokenInvalid();
        }

        if (token.ExpiresAt <= now)
        {
            throw FleetError.Create(StatusCode.Unauthenticated, Reason.TokenExpired, "the join token has expired", NewToken);
        }

        if (token.Uses >= token.MaxUses)
        {
            throw FleetError.Create(
                StatusCode.Unauthenticated,
                Reason.TokenUsedUp,
                token.MaxUses == 1
                    ? "the join token has been used"
                    : $"the join token has been used {token.MaxUses} times, as often as it allows",
                "If you have not used it, somebody else has: look at fleet audit and fleet hosts. " + NewToken);
        }

        if (token.HostName.Length > 0 && token.HostName != hostName)
        {
            throw FleetError.InvalidArgument(
                "host_name",
                $"must be {token.HostName} with this join token",
                $"Enrol as {token.HostName}, or make a token for this name.");
        }
    }

    /// <summary>People paste the whole token, including the hash that is meant for the agent.</summary>
    private static string WithoutAuthorityHash(string token)
    {
        var parts = token.Split('.');
        return parts is [_, _, _, { Length: 64 }] ? string.Join('.', parts[..3]) : token;
    }

    private void TakeAttempt(ServerCallContext context)
    {
        if (!limiter.TryCall(context.GetHttpContext().Connection.RemoteIpAddress))
        {
            throw FleetError.Create(
                StatusCode.ResourceExhausted,
                Reason.QueueFull,
                "too many calls without an identity, or too many that failed, came from this address",
                "Wait a minute, check the join token, then try again.");
        }
    }

    private static RpcException TokenInvalid() => FleetError.Create(
        StatusCode.Unauthenticated,
        Reason.TokenInvalid,
        "the join token is not known here, or its secret is wrong",
        "Copy it whole, as fleet token create printed it on this coordinator. " + NewToken);

    private static RpcException Removed() => FleetError.Create(
        StatusCode.Unauthenticated,
        Reason.IdentityRevoked,
        "the host was removed from the fleet",
        "To add the machine again: fleet token create, then fleet-agent enroll on it.");
}
