using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Tests.Infrastructure;
using Fleet.Protocol.V1;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Identity;

public sealed class ServerIdentityTests
{
    [Fact]
    public async Task Refresh_AtTwoThirdsOfItsLife_MakesANewCertificateThatTheNextHandshakeShows()
    {
        await using var coordinator = await RunningCoordinator.StartAsync(clock: new ShiftedClock { Shift = TimeSpan.FromDays(-61) });
        var identity = coordinator.Services.GetRequiredService<ServerIdentity>();
        var first = identity.ServerCertificate.Thumbprint;
        await identity.RefreshAsync();
        Assert.Equal(first, identity.ServerCertificate.Thumbprint);

        coordinator.Clock.Shift = TimeSpan.Zero;
        await identity.RefreshAsync();

        Assert.NotEqual(first, identity.ServerCertificate.Thumbprint);
        await coordinator.Admin.WhoAmIAsync(new WhoAmIRequest());
    }
}
