using System.Security.Cryptography;
using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Identity;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>Creates, lists and removes operators.</summary>
internal sealed class Operators(FleetStore store, CertificateAuthority authority, LiveCredentials live, TrustedTime clock)
{
    private static readonly TimeSpan StandardLifetime = TimeSpan.FromDays(365);
    private static readonly TimeSpan MinLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(3_650);

    public async Task<CreateOperatorResponse> CreateAsync(
        CreateOperatorRequest request, string createdBy, CancellationToken cancellationToken)
    {
        RequestRules.OperatorName("name", request.Name);
        RequestRules.Role("role", request.Role);
        var lifetime = RequestRules.Lifetime("lifetime", request.Lifetime, StandardLifetime, MinLifetime, MaxLifetime);
        var response = new CreateOperatorResponse { CaCertificatePem = authority.CertificatePem };
        var now = clock.GetUtcNow();
        OperatorRow row;
        if (request.CsrPem.Length > 0)
        {
            var key = SigningRequest.ReadKey(request.CsrPem);
            using var certificate = authority.IssueOperator(request.Name, key, lifetime);
            response.CertificatePem = certificate.ExportCertificatePem() + "\n";
            row = New(request, createdBy, now, certificate.NotAfter.ToUniversalTime()) with
            {
                Credential = CredentialKind.ClientCertificate,
                CertificateHash = SHA256.HashData(certificate.RawData),
            };
        }
        else
        {
            var credential = Credential.Create(Credential.OperatorPrefix);
            response.BearerToken = credential.Reveal();
            row = New(request, createdBy, now, now + lifetime) with { TokenId = credential.Id, SecretHash = credential.SecretHash };
        }

        await store.WriteAsync(
            transaction =>
            {
                if (OperatorStore.FindByName(transaction, row.Name) is not null)
                {
                    throw FleetError.Create(
                        StatusCode.AlreadyExists,
                        Reason.AlreadyExists,
                        $"an operator {row.Name} already exists",
                        "Choose another name, or remove that one first (fleet operator remove): a credential cannot be shown again.");
                }

                OperatorStore.Insert(transaction, row);
            },
            cancellationToken);
        response.Operator = ToProto(row);
        return response;
    }

    public async Task<ListOperatorsResponse> ListAsync(ListOperatorsRequest request, CancellationToken cancellationToken)
    {
        var size = Paging.Size(request.PageSize);
        var rows = await store.ReadAsync(reader => OperatorStore.Page(reader, request.PageToken, size + 1), cancellationToken);
        var response = new ListOperatorsResponse();
        response.Operators.AddRange(rows.Take(size).Select(ToProto));
        if (rows.Count > size)
        {
            response.NextPageToken = rows[size - 1].Name;
        }

        return response;
    }

    /// <summary>The operator's credential is invalid as soon as this returns, and its long calls have been cancelled.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await store.WriteAsync(
            transaction =>
            {
                var row = OperatorStore.FindByName(transaction, name)
                    ?? throw FleetError.NotFound("there is no such operator", "fleet operator list shows them.");
                if (row.Role == Role.Admin && OperatorStore.OtherAdmins(transaction, row.OperatorId, clock.GetUtcNow()) == 0)
                {
                    throw FleetError.Create(
                        StatusCode.FailedPrecondition,
                        Reason.WrongState,
                        $"{name} is the last admin with a valid credential",
                        "Make another admin first: fleet operator create NAME --role admin.");
                }

                OperatorStore.Remove(transaction, row.OperatorId);
            },
            cancellationToken);
        live.Revoke(name);
    }

    public async Task<Operator> FindAsync(string name, CancellationToken cancellationToken) =>
        await store.ReadAsync(reader => OperatorStore.FindByName(reader, name), cancellationToken) is { } row
            ? ToProto(row)
            : throw FleetError.NotFound("there is no such operator");

    private static OperatorRow New(CreateOperatorRequest request, string createdBy, DateTimeOffset now, DateTimeOffset expiresAt) => new()
    {
        Name = request.Name,
        Role = request.Role,
        CreatedAt = now,
        ExpiresAt = expiresAt,
        CreatedBy = createdBy,
        Credential = CredentialKind.BearerToken,
    };

    private static Operator ToProto(OperatorRow row) => new()
    {
        Name = row.Name,
        Role = row.Role,
        CreatedAt = row.CreatedAt.ToTimestamp(),
        ExpiresAt = row.ExpiresAt.ToTimestamp(),
        CreatedBy = row.CreatedBy,
        Credential = row.Credential,
        LastUsedAt = row.LastUsedAt?.ToTimestamp(),
    };
}
