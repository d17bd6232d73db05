using System.Data.Common;
using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.Sessions;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Fleet;

/// <summary>FleetService.GetStatus: what needs a person, worst first, and a summary of the fleet.</summary>
internal sealed class FleetStatus(FleetStore store, IEnumerable<IAttentionSource> sources, TimeProvider clock)
{
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();

    public async Task<GetStatusResponse> GetAsync(CancellationToken cancellationToken)
    {
        // If the store cannot be read, this is the call that says so: everything known without the store is still returned.
        var response = await TryAsync(() => store.ReadAsync(Count, cancellationToken)) ?? Now(new GetStatusResponse());
        var attention = new List<Attention>();
        foreach (var source in sources)
        {
            attention.AddRange(await TryAsync(async () => await source.CollectAsync(cancellationToken)) ?? []);
        }

        response.Attention.AddRange(attention
            .OrderByDescending(item => item.Severity)
            .ThenBy(item => item.Since?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue)
            .ThenBy(item => item.HostName, StringComparer.Ordinal)
            .ThenBy(item => item.Policy, StringComparer.Ordinal));
        return response;
    }

    private static async Task<T?> TryAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (Exception exception) when (exception is StoreException or DbException)
        {
            return null;
        }
    }

    private GetStatusResponse Now(GetStatusResponse response)
    {
        response.CoordinatorVersion = SessionHandler.Version;
        response.At = Timestamp.FromDateTimeOffset(clock.GetUtcNow());
        response.StartedAt = Timestamp.FromDateTimeOffset(_startedAt);
        response.LastEventSequence = store.LastEventSequence;
        return response;
    }

    private GetStatusResponse Count(StoreReader reader)
    {
        var now = clock.GetUtcNow();
        var hosts = HostStore.Count(reader);
        var open = RunCounts.Open(reader);
        var ended = RunCounts.EndedSince(reader, now.AddDays(-1));
        var specs = PolicyStore.All(reader).ToDictionary(policy => policy.Spec.Name, policy => policy.Spec);
        var protections = ProtectionStore.All(reader).Where(row => specs.ContainsKey(row.Policy)).ToList();
        return Now(new GetStatusResponse
        {
            HostsTotal = (int)hosts.All,
            HostsOnline = (int)hosts.Connected,
            PoliciesTotal = specs.Count,
            RunsQueued = (int)open.GetValueOrDefault(RunState.Queued),
            RunsRunning = (int)(open.GetValueOrDefault(RunState.Dispatched) + open.GetValueOrDefault(RunState.Running)),
            RunsSucceeded24H = (int)ended.GetValueOrDefault(RunState.Succeeded),
            RunsFailed24H = (int)ended.Where(static pair => RunStates.IsFailure(pair.Key)).Sum(static pair => pair.Value),
            ProtectionsTotal = protections.Count,
            ProtectionsOk = protections.Count(row => ProtectionRules.StateOf(
                specs[row.Policy], row.AssignedAt, row.LastSuccessAt, row.LastFailed, now) == ProtectionState.Ok),
        });
    }
}
