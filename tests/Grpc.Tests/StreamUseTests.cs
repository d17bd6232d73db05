using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

public sealed class StreamUseTests
{
    [Fact]
    public async Task Client_SecondReadWhileOneIsPending_IsRefused()
    {
        await using var server = await Echo().ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        var first = call.ResponseStream.MoveNext();
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.ResponseStream.MoveNext());
        await call.RequestStream.WriteAsync(new StreamingOutputCallRequest()).InTimeAsync();
        Assert.True(await first.InTimeAsync());
    }

    [Fact]
    public async Task Client_WriteAfterComplete_IsRefused()
    {
        await using var server = await Echo().ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        await call.RequestStream.CompleteAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new StreamingOutputCallRequest()));
        Assert.False(await call.ResponseStream.MoveNext().InTimeAsync());
        Assert.False(await call.ResponseStream.MoveNext().InTimeAsync());
    }

    [Fact]
    public async Task Client_ReadAfterAFailedStream_ThrowsAgain()
    {
        var service = new ScriptedService
        {
            ServerStreaming = async (_, responses, _) =>
            {
                await responses.WriteAsync(new StreamingOutputCallResponse());
                throw new RpcException(new Status(StatusCode.DataLoss, "gone"));
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest());
        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
        Assert.Equal(StatusCode.DataLoss, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
        Assert.Equal(StatusCode.DataLoss, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
        Assert.Equal(StatusCode.DataLoss, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Server_WriteAfterTheCallEnded_IsRefused()
    {
        IServerStreamWriter<StreamingOutputCallResponse>? writer = null;
        var service = new ScriptedService
        {
            ServerStreaming = (_, responses, _) =>
            {
                writer = responses;
                return Task.CompletedTask;
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest());
        Assert.False(await call.ResponseStream.MoveNext().InTimeAsync());
        await Assert.ThrowsAnyAsync<Exception>(() => writer!.WriteAsync(new StreamingOutputCallResponse()).InTimeAsync());
    }

    [Fact]
    public async Task Server_BufferHint_MessagesArriveAtTheEnd()
    {
        var service = new ScriptedService
        {
            ServerStreaming = async (_, responses, _) =>
            {
                responses.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
                for (var i = 0; i < 10_000; i++)
                {
                    await responses.WriteAsync(new StreamingOutputCallResponse { Payload = new Payload { Body = Google.Protobuf.ByteString.CopyFrom(new byte[100]) } });
                }
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest());
        var count = 0;
        using var limit = new CancellationTokenSource(Patience.Limit);
        await foreach (var _ in call.ResponseStream.ReadAllAsync(limit.Token))
        {
            count++;
        }

        Assert.Equal(10_000, count);
    }

    private static ScriptedService Echo() => new()
    {
        Duplex = async (requests, responses, context) =>
        {
            await foreach (var _ in requests.ReadAllAsync())
            {
                await responses.WriteAsync(new StreamingOutputCallResponse());
            }
        },
    };
}
