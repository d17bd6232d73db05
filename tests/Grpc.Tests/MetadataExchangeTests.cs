using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

public sealed class MetadataExchangeTests
{
    [Fact]
    public async Task Call_HeadersAndTrailers_TravelBothWays()
    {
        Metadata? received = null;
        var service = new ScriptedService
        {
            Unary = async (_, context) =>
            {
                received = context.RequestHeaders;
                await context.WriteResponseHeadersAsync(new Metadata { { "reply", "one" }, { "reply", "two" }, { "reply-bin", [0, 255] } });
                context.ResponseTrailers.Add("after", "three");
                context.ResponseTrailers.Add("after-bin", [0]);
                return new SimpleResponse();
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).UnaryCallAsync(
            new SimpleRequest(), new Metadata { { "ask", "a, b" }, { "ask-bin", [2, 3] } });
        var headers = await call.ResponseHeadersAsync.InTimeAsync();
        await call.InTimeAsync();

        Assert.Equal("a, b", received!.GetValue("ask"));
        Assert.Equal([2, 3], received.GetValueBytes("ask-bin"));
        Assert.DoesNotContain(received, e => e.Key is "te" or "content-type" or "grpc-accept-encoding");
        Assert.Equal(["one", "two"], headers.GetAll("reply").Select(e => e.Value));
        Assert.Equal([0, 255], headers.GetValueBytes("reply-bin"));
        Assert.Equal("three", call.GetTrailers().GetValue("after"));
        Assert.Equal([0], call.GetTrailers().GetValueBytes("after-bin"));
        Assert.DoesNotContain(call.GetTrailers(), e => e.Key.StartsWith("grpc-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_HandlerThrowsWithTrailers_ClientSeesThem()
    {
        var service = new ScriptedService
        {
            Unary = (_, context) =>
            {
                context.ResponseTrailers.Add("first", "1");
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "nö %\n"), new Metadata { { "reason", "busy" } });
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest());
        var e = await call.ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.FailedPrecondition, e.StatusCode);
        Assert.Equal("nö %\n", e.Status.Detail);
        Assert.Equal("busy", e.Trailers.GetValue("reason"));
        Assert.Equal("1", e.Trailers.GetValue("first"));
        Assert.Equal("busy", call.GetTrailers().GetValue("reason"));
    }

    [Fact]
    public async Task ResponseHeaders_SentEarly_ArriveBeforeTheFirstMessage()
    {
        var go = new TaskCompletionSource();
        var service = new ScriptedService
        {
            Duplex = async (_, responses, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "early", "yes" } });
                await go.Task;
                await responses.WriteAsync(new StreamingOutputCallResponse());
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        Assert.Equal("yes", (await call.ResponseHeadersAsync.InTimeAsync()).GetValue("early"));
        go.SetResult();
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
    }
}
