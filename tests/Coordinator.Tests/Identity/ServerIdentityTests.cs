using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Identity;

public sealed class ServerIdentityTests
{
    [Fact]
    public async Task Refresh_AtTwoThirdsOfItsLife_MakesANewCertificateThatTheNextHandshakeShows()
    {
        var clock = new ShiftedClock { Shift = TimeSpan.FromDays(-61) };
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var identity = coordinator.Services.GetRequiredService<ServerIdentity>();
        var first = identity.ServerCertificate.Thumbprint;
        await identity.RefreshAsync();
        Assert.Equal(first, identity.ServerCertificate.Thumbprint);

        clock.Shift = TimeSpan.Zero;
        await identity.RefreshAsync();

        Assert.NotEqual(first, identity.ServerCertificate.Thumbprint);
        var admin = new AdminService.AdminServiceClient(coordinator.Connect(bearerToken: coordinator.AdminToken));
        await admin.WhoAmIAsync(new WhoAmIRequest());
    }
}
