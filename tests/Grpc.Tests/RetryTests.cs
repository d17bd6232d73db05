using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

/// <summary>Calls are tried again by who makes them, or not at all.</summary>
public sealed class RetryTests
{
    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.Aborted)]
    [InlineData(StatusCode.ResourceExhausted)]
    public async Task Call_ThatFails_IsMadeOnce(StatusCode code)
    {
        var calls = 0;
        var service = new ScriptedService
        {
            Unary = (_, _) =>
            {
                Interlocked.Increment(ref calls);
                throw new RpcException(new Status(code, "no"));
            },
            Duplex = (_, _, _) =>
            {
                Interlocked.Increment(ref calls);
                throw new RpcException(new Status(code, "no"));
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        var client = new TestService.TestServiceClient(channel);
        Assert.Equal(code, (await client.UnaryCallAsync(new SimpleRequest()).ResponseAsync.FailsAsync()).StatusCode);
        using var stream = client.FullDuplexCall();
        Assert.Equal(code, (await stream.ResponseStream.MoveNext().FailsAsync()).StatusCode);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Call_WhoseConnectionBreaksAfterItArrived_IsMadeOnce()
    {
        var calls = 0;
        var arrived = new TaskCompletionSource();
        var service = new ScriptedService
        {
            Unary = async (_, context) =>
            {
                Interlocked.Increment(ref calls);
                arrived.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return new SimpleResponse();
            },
        };
        await using var server = await service.ServeAsync();
        await using var path = BreakablePath.To(new Uri(server.Address).Port);
        using var channel = AgentChannel.To(path.Address);
        using var call = new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest());
        await arrived.Task.InTimeAsync();
        path.Cut();
        Assert.Equal(StatusCode.Unavailable, (await call.ResponseAsync.FailsAsync()).StatusCode);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Channel_WhoseServerWasAway_ReachesItAfterItsReturn()
    {
        var service = new ScriptedService { Unary = (_, _) => Task.FromResult(new SimpleResponse()) };
        await using var server = await service.ServeAsync();
        await using var path = BreakablePath.To(new Uri(server.Address).Port);
        using var channel = AgentChannel.To(path.Address, options =>
            Assert.InRange(options.MaxReconnectBackoff!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        var client = new TestService.TestServiceClient(channel);
        path.Close();
        Assert.Equal(StatusCode.Unavailable, (await client.UnaryCallAsync(new SimpleRequest()).ResponseAsync.FailsAsync()).StatusCode);

        path.Open();

        // Until the channel tries again, it answers for the connection that failed.
        await client.UnaryCallAsync(new SimpleRequest(), new CallOptions().WithWaitForReady()).ResponseAsync.InTimeAsync();
    }
}
