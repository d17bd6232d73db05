using System.Diagnostics;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Grains;

/// <summary>An observer that is gone does not refuse a call: nobody answers it.</summary>
public sealed class GoneObserverTests
{
    /// <summary>Of Orleans, for calls that set none themselves.</summary>
    private static readonly TimeSpan DefaultResponseTimeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Session_ThatIsGone_DoesNotHoldUpTheNextHost_AndIsForgotten()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var gone = await coordinator.EnrolAsync("gone");
        var nas = await coordinator.EnrolAsync("nas");
        var grains = coordinator.Services.GetRequiredService<IGrainFactory>();
        var grain = grains.GetGrain<IHostGrain>(gone.HostId);
        var observer = new Silent();
        var reference = grains.CreateObjectReference<ISessionObserver>(observer);
        var hello = new Hello
        {
            InstanceId = "1",
            OutboxId = gone.OutboxId,
            ProtocolRevision = 1,
        };
        await grain.OpenSessionAsync(
            new SessionOpening("session", hello.ToByteArray(), "192.0.2.1", TimeProvider.System.GetUtcNow()), reference);
        await grain.ResumeAsync("session", []);
        await using var session = await nas.OpenAsync();
        grains.DeleteObjectReference<ISessionObserver>(reference);

        var since = Stopwatch.GetTimestamp();
        var toGone = grain.CancelAsync("run", "nobody answers this");
        await coordinator.ApplyAsync(TestPolicies.New(change: static spec => spec.Target = new PolicyTarget { Hosts = { "nas" } }));
        var run = await coordinator.StartAsync("photos");
        Assert.Equal(run.RunId, (await session.CommandAsync()).RunId);

        await toGone;
        Assert.True(Stopwatch.GetElapsedTime(since) < DefaultResponseTimeout, "the call waited for Orleans' own time limit");
        var claim = new SessionClaim("session", "1", "192.0.2.1", "", CaughtUp: true);
        Assert.False(await grain.RenewSessionAsync(claim, reference));
        GC.KeepAlive(observer);
    }

    private sealed class Silent : ISessionObserver
    {
        public Task SendAsync(OutgoingMessage message) => Task.CompletedTask;

        public Task EndAsync(SessionEnd end) => Task.CompletedTask;
    }
}
