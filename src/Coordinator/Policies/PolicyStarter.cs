using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Policies;

/// <summary>Activates every policy's grain when the process starts; from then on, reminders do.</summary>
internal sealed partial class PolicyStarter(FleetStore store, IGrainFactory grains, ILogger<PolicyStarter> log) : BackgroundService
{
    private const int AtOnce = 32;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var policies = await store.ReadAsync(PolicyStore.All, stoppingToken);
        foreach (var part in policies.Chunk(AtOnce))
        {
            stoppingToken.ThrowIfCancellationRequested();
            await Task.WhenAll(part.Select(policy => StartAsync(policy.Spec.Name)));
        }
    }

    private async Task StartAsync(string name)
    {
        try
        {
            await grains.GetGrain<IPolicyGrain>(name).RefreshAsync();
        }
        catch (Exception exception) when (GrainFailure.IsUnreachable(exception) || exception is StoreException)
        {
            // Its reminder activates it within a minute.
            StartFailed(log, name, exception);
        }
    }
}
