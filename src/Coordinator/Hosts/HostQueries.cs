using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Host = Fleet.Protocol.V1.Host;

namespace Fleet.Coordinator.Hosts;

/// <summary>Answers questions about hosts.</summary>
internal sealed class HostQueries(FleetStore store)
{
    public Task<Host> GetAsync(string nameOrId, CancellationToken cancellationToken) =>
        store.ReadAsync(
            reader => HostStore.Find(reader, nameOrId) is { } host
                ? ToMessage(host, RunCounts.OpenByHost(reader, host.HostId))
                : throw FleetError.NotFound($"no host {nameOrId}", "`fleet hosts` lists them"),
            cancellationToken);

    public Task<ListHostsResponse> ListAsync(ListHostsRequest request, CancellationToken cancellationToken)
    {
        var size = Paging.Size(request.PageSize);
        var after = request.PageToken.Length == 0 ? "" : Paging.Read(request.PageToken);
        return store.ReadAsync(
            reader =>
            {
                var runs = RunCounts.OpenByHost(reader, "");
                var matching = HostStore.All(reader)
                    .Where(host => string.CompareOrdinal(host.Name, after) > 0
                        && (request.State == HostState.Unspecified || host.State == request.State)
                        && request.MatchLabels.All(label => PolicyRules.HasLabel(host.Labels, label.Key, label.Value)))
                    .OrderBy(host => host.Name, StringComparer.Ordinal)
                    .Take(size + 1)
                    .ToList();
                var response = new ListHostsResponse();
                var messages = matching.ConvertAll(host => ToMessage(host, runs));
                var count = Paging.Fit(messages, size);
                response.Hosts.AddRange(messages.Take(count));
                if (messages.Count > count)
                {
                    response.NextPageToken = Paging.Token(messages[count - 1].Name);
                }

                return response;
            },
            cancellationToken);
    }

    private static Host ToMessage(HostRow row, Dictionary<string, (int Queued, int Active)> runs)
    {
        var (queued, active) = runs.GetValueOrDefault(row.HostId);
        var host = new Host
        {
            HostId = row.HostId,
            Name = row.Name,
            State = row.State,
            EnrolledAt = Timestamp.FromDateTimeOffset(row.EnrolledAt),
            AgentVersion = row.Hello?.AgentVersion ?? "",
            Facts = row.Facts,
            Address = row.Address,
            BootId = row.BootId,
            RunsQueued = queued,
            RunsRunning = active,
            StateError = row.StateError,
            LastSeenAt = row.LastSeenAt is { } seen ? Timestamp.FromDateTimeOffset(seen) : null,
            ConnectedAt = row is { Connected: true, ConnectedAt: { } connected } ? Timestamp.FromDateTimeOffset(connected) : null,
            CertificateExpiresAt = row.CertificateExpiresAt is { } expires ? Timestamp.FromDateTimeOffset(expires) : null,
            ClockOffset = row.Hello is null ? null : Duration.FromTimeSpan(row.ClockOffset),
        };
        host.Labels.Add(row.Labels.ToDictionary());
        if (row.Hello is { } hello)
        {
            host.Tools.AddRange(hello.Tools);
            host.AllowedActions.AddRange(hello.AllowedActions);
        }

        return host;
    }
}
