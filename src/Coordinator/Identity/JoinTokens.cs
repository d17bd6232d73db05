using System.Security.Cryptography;
using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Identity;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Identity;

/// <summary>Creates, lists and revokes join tokens.</summary>
internal sealed class JoinTokens(FleetStore store, CertificateAuthority authority, ServerIdentity server, TrustedTime clock)
{
    private static readonly TimeSpan StandardLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan MinLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(30);

    public async Task<CreateJoinTokenResponse> CreateAsync(
        CreateJoinTokenRequest request, string createdBy, CancellationToken cancellationToken)
    {
        RequestRules.RequestId(request.RequestId);
        if (request.MaxUses is < 0 or > 1_000)
        {
            throw FleetError.InvalidArgument("max_uses", "must be 1 to 1,000");
        }

        var lifetime = RequestRules.Lifetime("lifetime", request.Lifetime, StandardLifetime, MinLifetime, MaxLifetime);
        if (request.HostName.Length > 0)
        {
            RequestRules.HostName("host_name", request.HostName);
        }

        RequestRules.Labels("labels", request.Labels);
        RequestRules.Text("note", request.Note, 1_024);
        var requestHash = SHA256.HashData(request.ToByteArray());
        var credential = Credential.Create(Credential.JoinPrefix);

        var (row, isNew) = await store.WriteAsync(
            transaction =>
            {
                if (JoinTokenStore.FindByRequest(transaction, request.RequestId) is { } earlier)
                {
                    return earlier.RequestHash.AsSpan().SequenceEqual(requestHash)
                        ? (earlier, false)
                        : throw RequestRules.RequestIdReused();
                }

                var now = clock.GetUtcNow();
                var made = new JoinTokenRow
                {
                    TokenId = credential.Id,
                    SecretHash = credential.SecretHash,
                    MaxUses = Math.Max(1, request.MaxUses),
                    CreatedAt = now,
                    ExpiresAt = now + lifetime,
                    HostName = request.HostName,
                    Labels = new Dictionary<string, string>(request.Labels),
                    Note = request.Note,
                    CreatedBy = createdBy,
                    RequestId = request.RequestId,
                    RequestHash = requestHash,
                };
                JoinTokenStore.Insert(transaction, made);
                return (made, true);
            },
            cancellationToken);
        return new CreateJoinTokenResponse
        {
            Token = ToProto(row),
            Secret = isNew ? $"{credential.Reveal()}.{authority.Sha256Hex}" : "",
            CoordinatorAddresses = { server.Addresses },
        };
    }

    public async Task<ListJoinTokensResponse> ListAsync(ListJoinTokensRequest request, CancellationToken cancellationToken)
    {
        var size = Paging.Size(request.PageSize);
        var rows = await store.ReadAsync(
            reader =>
            {
                JoinTokenRow? after = null;
                if (request.PageToken.Length > 0)
                {
                    after = JoinTokenStore.Find(reader, request.PageToken)
                        ?? throw FleetError.InvalidArgument(
                            "page_token", "is not one that this server gave", "Begin without a page_token.");
                }

                return JoinTokenStore.Page(reader, after, size + 1);
            },
            cancellationToken);
        var response = new ListJoinTokensResponse();
        response.Tokens.AddRange(rows.Take(size).Select(ToProto));
        if (rows.Count > size)
        {
            response.NextPageToken = rows[size - 1].TokenId;
        }

        return response;
    }

    public async Task RevokeAsync(string tokenId, CancellationToken cancellationToken)
    {
        var found = await store.WriteAsync(
            transaction =>
            {
                JoinTokenStore.Revoke(transaction, tokenId);
                return JoinTokenStore.Find(transaction, tokenId) is not null;
            },
            cancellationToken);
        if (!found)
        {
            throw FleetError.NotFound(
                "there is no such join token", "fleet token list shows them; the id is the 8 characters after fleet1.");
        }
    }

    private static JoinToken ToProto(JoinTokenRow row)
    {
        var token = new JoinToken
        {
            TokenId = row.TokenId,
            MaxUses = row.MaxUses,
            Uses = row.Uses,
            CreatedAt = row.CreatedAt.ToTimestamp(),
            ExpiresAt = row.ExpiresAt.ToTimestamp(),
            HostName = row.HostName,
            Note = row.Note,
            CreatedBy = row.CreatedBy,
            Revoked = row.RevokedAt is not null,
        };
        foreach (var (key, value) in row.Labels)
        {
            token.Labels.Add(key, value);
        }

        return token;
    }
}
