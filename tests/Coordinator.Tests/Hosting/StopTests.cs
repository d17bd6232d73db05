using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Grpc.Core;
using Grpc.Reflection.V1;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ReflectionAlpha = Grpc.Reflection.V1Alpha;

namespace Fleet.Coordinator.Tests.Hosting;

/// <summary>
/// gRPC does not end calls when a server stops. Whoever follows something hears of it from the coordinator, and does not wait for a time
/// limit.
/// </summary>
public sealed class StopTests
{
    [Fact]
    public async Task Stop_CallsThatFollowSomething_EndUnavailableBeforeTheServerStops()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        var run = await coordinator.StartAsync("photos");
        using var limit = new CancellationTokenSource(Requests.Patience);

        using var events = coordinator.Events.Subscribe(new SubscribeRequest(), cancellationToken: limit.Token);
        using var watch = coordinator.Fleet.WatchRun(new WatchRunRequest { RunId = run.RunId }, cancellationToken: limit.Token);
        using var reflection = new ServerReflection.ServerReflectionClient(coordinator.Admin).ServerReflectionInfo(
            cancellationToken: limit.Token);
        using var alpha = new ReflectionAlpha.ServerReflection.ServerReflectionClient(coordinator.Admin).ServerReflectionInfo(
            cancellationToken: limit.Token);
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, limit.Token);
        await alpha.RequestStream.WriteAsync(new ReflectionAlpha.ServerReflectionRequest { ListServices = "" }, limit.Token);
        Assert.True(await events.ResponseStream.MoveNext(limit.Token));
        Assert.True(await watch.ResponseStream.MoveNext(limit.Token));
        Assert.True(await reflection.ResponseStream.MoveNext(limit.Token));
        Assert.True(await alpha.ResponseStream.MoveNext(limit.Token));

        coordinator.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await EndsAsync(events.ResponseStream, limit.Token);
        await EndsAsync(watch.ResponseStream, limit.Token);
        await EndsAsync(reflection.ResponseStream, limit.Token);
        await EndsAsync(alpha.ResponseStream, limit.Token);
    }

    private static Task<RpcException> EndsAsync<T>(IAsyncStreamReader<T> stream, CancellationToken cancellationToken) =>
        Requests.RefusedAsync(StatusCode.Unavailable, Reason.Unavailable, async () =>
        {
            while (await stream.MoveNext(cancellationToken))
            {
            }
        });
}
