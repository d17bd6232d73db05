using Fleet.Coordinator.Policies;
using Fleet.Coordinator.Sessions;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Fleet;

/// <summary>FleetService.GetStatus: what needs a person, worst first, and how the fleet stands.</summary>
internal sealed class FleetStatus(SqliteStore store, IEnumerable<IAttentionSource> sources, TimeProvider clock)
{
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();

    public async Task<GetStatusResponse> GetAsync(CancellationToken cancellationToken)
    {
        // With a store that cannot be read this is the call that says so: what is known without it comes all the same.
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
        catch (Exception exception) when (exception is StoreException or SqliteException)
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
        var dayAgo = now.AddDays(-1).ToColumn();
        var specs = PolicyStore.All(reader).ToDictionary(policy => policy.Spec.Name, policy => policy.Spec);
        var protections = ProtectionStore.All(reader).Where(row => specs.ContainsKey(row.Policy)).ToList();
        return Now(new GetStatusResponse
        {
            HostsTotal = (int)reader.Number("SELECT count(*) FROM hosts WHERE removed_at IS NULL"),
            HostsOnline = (int)reader.Number("SELECT count(*) FROM hosts WHERE removed_at IS NULL AND connected = 1"),
            PoliciesTotal = specs.Count,
            RunsQueued = (int)reader.Number("SELECT count(*) FROM runs WHERE state = 1"),
            RunsRunning = (int)reader.Number("SELECT count(*) FROM runs WHERE state IN (2, 3)"),
            RunsSucceeded24H = (int)reader.Number("SELECT count(*) FROM runs WHERE finished_at > $since AND state = 4 AND dry_run = 0", ("$since", dayAgo)),
            RunsFailed24H = (int)reader.Number("SELECT count(*) FROM runs WHERE finished_at > $since AND state IN (5, 7, 9, 10) AND dry_run = 0", ("$since", dayAgo)),
            ProtectionsTotal = protections.Count,
            ProtectionsOk = protections.Count(row => ProtectionRules.StateOf(
                specs[row.Policy], row.AssignedAt, row.LastSuccessAt, row.LastFailed, now) == ProtectionState.Ok),
        });
    }
}
