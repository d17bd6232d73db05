using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Status = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Fleet.Coordinator.Tests.Health;

public sealed class HealthTests
{
    [Fact]
    public async Task Check_WithoutIdentity_SaysServing()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var client = new global::Grpc.Health.V1.Health.HealthClient(coordinator.Connect());

        Assert.Equal(Status.Serving, (await client.CheckAsync(new HealthCheckRequest())).Status);
        Assert.Equal(Status.Serving, (await client.CheckAsync(new HealthCheckRequest { Service = "fleet.v1.FleetService" })).Status);
        Assert.Contains("fleet.v1.AgentService", (await client.ListAsync(new HealthListRequest())).Statuses.Keys);
        await Requests.RefusedAsync(
            StatusCode.NotFound, Reason.NotFound, () => client.CheckAsync(new HealthCheckRequest { Service = "no.such" }).ResponseAsync);
    }

    [Fact]
    public async Task Watch_UntilTheCoordinatorStops_SaysServingThenNotServing()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var call = new global::Grpc.Health.V1.Health.HealthClient(coordinator.Connect()).Watch(new HealthCheckRequest());
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Requests.Patience));
        Assert.Equal(Status.Serving, call.ResponseStream.Current.Status);

        using var unknown = new global::Grpc.Health.V1.Health.HealthClient(coordinator.Connect()).Watch(
            new HealthCheckRequest { Service = "no.such" });
        Assert.True(await unknown.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Requests.Patience));
        Assert.Equal(Status.ServiceUnknown, unknown.ResponseStream.Current.Status);

        var next = call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Requests.Patience);
        coordinator.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.True(await next);
        Assert.Equal(Status.NotServing, call.ResponseStream.Current.Status);
    }

    [Fact]
    public async Task Pages_WhileItWorks_SayOkAndWhenItStopsWhy()
    {
        await using var coordinator = await TestCoordinator.StartAsync(httpListener: true);
        Assert.Equal("ok\n", await coordinator.GetPageAsync("/healthz"));
        Assert.Equal("ok\n", await coordinator.GetPageAsync("/readyz"));
    }
}
