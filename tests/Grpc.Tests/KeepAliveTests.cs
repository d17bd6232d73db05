using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

/// <summary>A path that swallows everything without closing a connection is noticed by pings, on both sides.</summary>
public sealed class KeepAliveTests
{
    [Fact]
    public async Task Client_DeadPath_CallEnds()
    {
        await using var server = await Endless(new TaskCompletionSource()).ServeAsync();
        await using var path = BreakablePath.To(new Uri(server.Address).Port);
        using var channel = AgentChannel.To(path.Address, options =>
        {
            var handler = (SocketsHttpHandler)options.HttpHandler!;

            // The agent itself goes by its heartbeats.
            Assert.Equal(Timeout.InfiniteTimeSpan, handler.KeepAlivePingDelay);
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(1);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(1);
        });
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
        path.Break();
        var e = await call.ResponseStream.MoveNext().FailsAsync();
        Assert.Equal(StatusCode.Internal, e.StatusCode);

        // By which the CLI tells it from a coordinator that says INTERNAL.
        Assert.Contains(Causes(e.Status.DebugException), cause => cause is HttpProtocolException);
    }

    [Fact]
    public async Task Server_DeadPath_HandlerIsCancelled()
    {
        var cancelled = new TaskCompletionSource();
        await using var server = await Endless(cancelled).ServeAsync(kestrel: options =>
        {
            var limits = options.Limits.Http2;
            Assert.InRange(limits.KeepAlivePingDelay + limits.KeepAlivePingTimeout, TimeSpan.Zero, TimeSpan.FromSeconds(40));
            limits.KeepAlivePingDelay = TimeSpan.FromSeconds(1);
            limits.KeepAlivePingTimeout = TimeSpan.FromSeconds(1);
        });
        await using var path = BreakablePath.To(new Uri(server.Address).Port);
        using var channel = AgentChannel.To(path.Address);
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
        path.Break();
        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Client_ConnectionLostInACall_NextCallUsesANewOne()
    {
        await using var server = await Endless(new TaskCompletionSource()).ServeAsync();
        await using var path = BreakablePath.To(new Uri(server.Address).Port);
        using var channel = AgentChannel.To(path.Address);
        var client = new TestService.TestServiceClient(channel);
        using (var call = client.FullDuplexCall())
        {
            Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
            path.Cut();
            Assert.Equal(StatusCode.Unavailable, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
        }

        using var again = client.FullDuplexCall();
        Assert.True(await again.ResponseStream.MoveNext().InTimeAsync());
    }

    private static IEnumerable<Exception> Causes(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            yield return exception;
        }
    }

    private static ScriptedService Endless(TaskCompletionSource cancelled) => new()
    {
        Duplex = async (_, responses, context) =>
        {
            context.CancellationToken.Register(() => cancelled.TrySetResult());
            await responses.WriteAsync(new StreamingOutputCallResponse());
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        },
    };
}
