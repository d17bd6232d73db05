using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;

namespace Fleet.Grpc.Tests;

public sealed class MessageSizeTests
{
    [Fact]
    public async Task Server_ReceivesTooMuch_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(
            app => app.MapGrpcService<InteropService>(), o => o.MaxReceiveMessageSize = 1000);
        using var channel = server.Connect();
        var e = await Client(channel).UnaryCallAsync(Request(2000)).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
        Assert.Equal("Received message exceeds the maximum configured message size.", e.Status.Detail);
    }

    [Fact]
    public async Task Server_SendsTooMuch_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>(), o => o.MaxSendMessageSize = 1000);
        using var channel = server.Connect();
        var e = await Client(channel).UnaryCallAsync(new SimpleRequest { ResponseSize = 2000 }).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
        Assert.Equal("Sending message exceeds the maximum configured message size.", e.Status.Detail);
    }

    [Fact]
    public async Task Client_ReceivesTooMuch_IsResourceExhausted()
    {
        await using var server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>());
        using var channel = server.Connect(o => o.MaxReceiveMessageSize = 1000);
        var e = await Client(channel).UnaryCallAsync(new SimpleRequest { ResponseSize = 2000 }).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
        using var stream = Client(channel)
            .StreamingOutputCall(
                new StreamingOutputCallRequest
                {
                    ResponseParameters =
                    {
                        new ResponseParameters { Size = 10 },
                        new ResponseParameters { Size = 2000 },
                    },
                });
        Assert.True(await stream.ResponseStream.MoveNext().InTimeAsync());
        Assert.Equal(StatusCode.ResourceExhausted, (await stream.ResponseStream.MoveNext().FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task Default_MoreThanFourMebibytes_IsRefused()
    {
        await using var server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>());
        using var channel = server.Connect();
        await Client(channel).UnaryCallAsync(Request((4 * 1024 * 1024) - 100)).InTimeAsync();
        Assert.Equal(
            StatusCode.ResourceExhausted,
            (await Client(channel).UnaryCallAsync(Request(4 * 1024 * 1024)).ResponseAsync.FailsAsync()).StatusCode);
    }

    private static TestService.TestServiceClient Client(global::Grpc.Net.Client.GrpcChannel channel) => new(channel);

    private static SimpleRequest Request(int size) => new() { Payload = new Payload { Body = ByteString.CopyFrom(new byte[size]) } };
}
