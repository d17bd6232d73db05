using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.State.Scheduling;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Hosts;

/// <inheritdoc cref="IHostDirectory"/>
internal sealed class HostDirectory(FleetStore store, IGrainFactory grains) : IHostDirectory
{
    public async Task EnrolledAsync(string hostId, CancellationToken cancellationToken)
    {
        var policies = await store.WriteAsync(
            transaction => HostStore.FindById(transaction, hostId) is { RemovedAt: null } host
                ? Assignments.HostChanged(transaction, host.HostId, host.Name, host.Labels)
                : [],
            cancellationToken);
        await Task.WhenAll(policies.Select(name => grains.GetGrain<IPolicyGrain>(name).RefreshAsync()));
    }

    public async Task<string?> RemoveAsync(string nameOrId, string reason, string removedBy, CancellationToken cancellationToken)
    {
        var (hostId, policies) = await store.WriteAsync(
            transaction => Remove(transaction, nameOrId, reason, removedBy), cancellationToken);
        if (hostId is null)
        {
            return null;
        }

        await grains.GetGrain<IHostGrain>(hostId).RevokeAsync(reason);
        await Task.WhenAll(policies.Select(name => grains.GetGrain<IPolicyGrain>(name).RefreshAsync()));
        return hostId;
    }

    private static (string? HostId, IReadOnlyList<string> Policies) Remove(
        StoreTransaction transaction, string nameOrId, string reason, string removedBy)
    {
        if (HostStore.Find(transaction, nameOrId) is not { } host)
        {
            return (null, []);
        }

        // An open run of a removed host cannot end in any other way: nobody could deliver its result.
        foreach (var run in RunStore.Open(transaction, host.HostId))
        {
            RunChanges.Apply(transaction, run, new RunInput.Ended(
                run.State == RunState.Queued ? RunState.Expired : RunState.Interrupted, "its host was removed"));
        }

        var policies = ProtectionStore.OfHost(transaction, host.HostId).Select(row => row.Policy).ToList();
        ProtectionStore.DeleteOfHost(transaction, host.HostId);
        HostStore.Remove(transaction, host.HostId, reason);
        EventAppender.Append(transaction, new NewEvent(EventTypes.HostRemoved, EventSeverity.Info, $"{host.Name} removed by {removedBy}")
        {
            HostId = host.HostId,
            HostName = host.Name,
            Attributes = new Dictionary<string, string> { ["by"] = removedBy, ["reason"] = reason },
        });
        return (host.HostId, policies);
    }
}
