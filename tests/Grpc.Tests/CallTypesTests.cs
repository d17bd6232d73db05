using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;

namespace Fleet.Grpc.Tests;

public sealed class CallTypesTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>());

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Unary_Message_IsAnswered()
    {
        using var channel = _server.Connect();
        var client = new TestService.TestServiceClient(channel);
        using var call = client.UnaryCallAsync(
            new SimpleRequest { ResponseSize = 314159, Payload = new Payload { Body = ByteString.CopyFrom(new byte[271828]) } });
        var response = await call.ResponseAsync.InTimeAsync();
        Assert.Equal(314159, response.Payload.Body.Length);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Unary_Blocking_IsAnswered()
    {
        using var channel = _server.Connect();
        var client = new TestService.TestServiceClient(channel);
        Assert.Equal(new Empty(), await Task.Run(() => client.EmptyCall(new Empty())).InTimeAsync());
    }

    [Fact]
    public async Task ClientStreaming_Messages_AreAllReceived()
    {
        using var channel = _server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingInputCall();
        foreach (var size in (int[])[27182, 8, 1828, 45904])
        {
            await call.RequestStream.WriteAsync(
                new StreamingInputCallRequest { Payload = new Payload { Body = ByteString.CopyFrom(new byte[size]) } }).InTimeAsync();
        }

        await call.RequestStream.CompleteAsync();
        Assert.Equal(74922, (await call.ResponseAsync.InTimeAsync()).AggregatedPayloadSize);
    }

    [Fact]
    public async Task ServerStreaming_Messages_ArriveInOrder()
    {
        using var channel = _server.Connect();
        int[] sizes = [31415, 9, 2653, 58979];
        var request = new StreamingOutputCallRequest();
        request.ResponseParameters.AddRange(sizes.Select(size => new ResponseParameters { Size = size }));
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(request);
        var received = new List<int>();
        using var limit = new CancellationTokenSource(Patience.Limit);
        await foreach (var response in call.ResponseStream.ReadAllAsync(limit.Token))
        {
            received.Add(response.Payload.Body.Length);
        }

        Assert.Equal(sizes, received);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Duplex_PingPong_AlternatesMessages()
    {
        using var channel = _server.Connect();
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        foreach (var size in (int[])[31415, 9, 2653, 58979])
        {
            await call.RequestStream.WriteAsync(
                new StreamingOutputCallRequest { ResponseParameters = { new ResponseParameters { Size = size } } }).InTimeAsync();
            Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
            Assert.Equal(size, call.ResponseStream.Current.Payload.Body.Length);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext().InTimeAsync());
    }
}
