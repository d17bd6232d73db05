using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Hosts;

public sealed class DuplicateIdentitiesTests
{
    [Fact]
    public async Task Attention_EndsSixteenMinutesAfterTheCopyCameLast()
    {
        var clock = new FakeTimeProvider();
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var agent = await coordinator.EnrolAsync("nas");
        await using var first = await agent.OpenAsync();
        await RefusedAsync(agent);
        clock.Advance(TimeSpan.FromMinutes(5));

        // What makes it go by is time since the copy, not since it was first seen.
        await using var again = await agent.OpenAsync();
        await RefusedAsync(agent);
        clock.Advance(TimeSpan.FromMinutes(16) - TimeSpan.FromSeconds(1));
        Assert.True(await NeedsAttentionAsync(coordinator));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await NeedsAttentionAsync(coordinator));
    }

    [Fact]
    public async Task Clear_EndsItAtOnce_AndACopyThatComesAgainIsToldAnew()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("nas");
        await using var first = await agent.OpenAsync();
        Assert.False((await coordinator.Fleet.ClearDuplicateIdentityAsync(new ClearDuplicateIdentityRequest { Host = "nas" })).Cleared);
        await RefusedAsync(agent);
        Assert.True(await NeedsAttentionAsync(coordinator));

        var cleared = await coordinator.Fleet.ClearDuplicateIdentityAsync(
            new ClearDuplicateIdentityRequest { Host = "nas", Note = "it was a clone" });

        Assert.True(cleared.Cleared);
        Assert.Contains("127.0.0.1", cleared.Detail, StringComparison.Ordinal);
        Assert.False(await NeedsAttentionAsync(coordinator));
        Assert.Equal("it was a clone", (await coordinator.EventAsync("host.duplicate_cleared")).Attributes["note"]);
        await RefusedAsync(agent);
        Assert.True(await NeedsAttentionAsync(coordinator));
        Assert.Equal(2, (await coordinator.AllEventsAsync(0, "host.duplicate_identity")).Count);
    }

    [Fact]
    public async Task Clear_OfNoHost_IsNotFound()
    {
        await using var coordinator = await TestCoordinator.StartAsync();

        var refusal = await Assert.ThrowsAsync<RpcException>(
            async () => await coordinator.Fleet.ClearDuplicateIdentityAsync(new ClearDuplicateIdentityRequest { Host = "nas" }));

        Assert.Equal(StatusCode.NotFound, refusal.StatusCode);
    }

    private static async Task RefusedAsync(ScriptedAgent agent)
    {
        await using var clone = agent.Start(hello => hello.InstanceId = "clone");
        Assert.Equal(StatusCode.AlreadyExists, (await clone.EndAsync()).StatusCode);
    }

    private static async Task<bool> NeedsAttentionAsync(TestCoordinator coordinator) =>
        (await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention.Any(item => item.Code == "duplicate_identity");
}
