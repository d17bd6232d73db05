using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Policies;

/// <summary>Answers questions about policies.</summary>
internal sealed class PolicyQueries(FleetStore store, TimeProvider clock)
{
    public Task<Policy> GetAsync(string name, CancellationToken cancellationToken) =>
        store.ReadAsync(
            reader => PolicyStore.Find(reader, name) is { } policy
                ? ToMessage(policy, ProtectionStore.OfPolicy(reader, name))
                : throw FleetError.NotFound($"no policy {name}", "`fleet policies` lists them"),
            cancellationToken);

    public Task<ListPoliciesResponse> ListAsync(ListPoliciesRequest request, CancellationToken cancellationToken)
    {
        var size = Paging.Size(request.PageSize);
        var after = request.PageToken.Length == 0 ? "" : Paging.Read(request.PageToken);
        return store.ReadAsync(
            reader =>
            {
                var page = PolicyStore.Page(reader, after, size + 1);
                var response = new ListPoliciesResponse();
                var messages = page.ConvertAll(policy => ToMessage(policy, ProtectionStore.OfPolicy(reader, policy.Spec.Name)));
                var count = Paging.Fit(messages, size);
                response.Policies.AddRange(messages.Take(count));
                if (messages.Count > count)
                {
                    response.NextPageToken = Paging.Token(messages[count - 1].Spec.Name);
                }

                return response;
            },
            cancellationToken);
    }

    private Policy ToMessage(PolicyRow row, IEnumerable<PolicyHostRow> hosts)
    {
        var now = clock.GetUtcNow();
        var policy = new Policy
        {
            Spec = row.Spec,
            Revision = row.Revision,
            CreatedAt = Timestamp.FromDateTimeOffset(row.CreatedAt),
            UpdatedAt = Timestamp.FromDateTimeOffset(row.UpdatedAt),
            UpdatedBy = row.UpdatedBy,
        };
        foreach (var host in hosts)
        {
            // Computed instead of read, because the stored state is only as new as the last check.
            var state = ProtectionRules.StateOf(row.Spec, host.AssignedAt, host.LastSuccessAt, host.LastFailed, now);
            var next = PolicyRules.ScheduleFor(row.Spec, host.HostId)?.NextAfter(now);
            policy.Hosts.Add(new PolicyHostState
            {
                HostId = host.HostId,
                HostName = host.HostName,
                State = state,
                LastRunId = host.LastRunId,
                Since = Timestamp.FromDateTimeOffset(state == host.State ? host.Since : now),
                LastSuccessAt = host.LastSuccessAt is { } success ? Timestamp.FromDateTimeOffset(success) : null,
                NextAt = next is { } at ? Timestamp.FromDateTimeOffset(at) : null,
            });
        }

        return policy;
    }
}
