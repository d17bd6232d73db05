using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Tests.Rig;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Grains;

public sealed class PolicyGrainTests
{
    [Fact]
    public async Task Refresh_OfAPolicyThatIsNotThere_IsDone()
    {
        await using var coordinator = await TestCoordinator.StartAsync();

        // The grain is not alive: a policy that was deleted while the coordinator was down is announced like this.
        await coordinator.Services.GetRequiredService<IGrainFactory>().GetGrain<IPolicyGrain>("gone").RefreshAsync();
    }
}
