using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Storage;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Coordinator.Tests.Errors;

public sealed class FailureInterceptorTests
{
    [Fact]
    public async Task Call_WhenTheStoreIsBroken_IsInternalWithATraceIdAndNoInsides()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.Services.GetRequiredService<FleetStore>().WriteAsync(static transaction =>
        {
            transaction.Execute("ALTER TABLE operators RENAME TO lost");
        });

        var refusal = await Requests.RefusedAsync(
            StatusCode.Internal, Reason.Internal, () => coordinator.AdminService.WhoAmIAsync(new WhoAmIRequest()).ResponseAsync);

        Assert.Matches("under [0-9a-f]{32}$", refusal.Status.Detail);
        Assert.DoesNotContain("operators", refusal.Status.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Answer_GrainThatDoesNotAnswer_IsUnavailable()
    {
        var failure = new UnexpectedFailure(NullLogger<UnexpectedFailure>.Instance);

        foreach (var exception in new Exception[] { new TimeoutException(), new SiloUnavailableException() })
        {
            Assert.Equal(StatusCode.Unavailable, failure.Answer("/fleet.v1.FleetService/StartRun", exception).StatusCode);
        }
    }
}
