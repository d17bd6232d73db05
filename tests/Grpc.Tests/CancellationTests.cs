using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

public sealed class CancellationTests
{
    [Fact]
    public async Task Client_Token_CancelsTheServersHandler()
    {
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var server = await Waiting(started, cancelled).ServeAsync();
        using var channel = server.Connect();
        using var source = new CancellationTokenSource();
        using var call = new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest(), cancellationToken: source.Token);
        await started.Task.InTimeAsync();
        await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await call.ResponseAsync.FailsAsync()).StatusCode);
        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Client_Dispose_CancelsTheServersHandler()
    {
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var server = await Waiting(started, cancelled).ServeAsync();
        using var channel = server.Connect();
        var call = new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest());
        await started.Task.InTimeAsync();
        call.Dispose();
        Assert.Equal(StatusCode.Cancelled, (await call.ResponseAsync.FailsAsync()).StatusCode);
        Assert.Equal(StatusCode.Cancelled, (await Task.Run(async () => await call.ResponseHeadersAsync).FailsAsync()).StatusCode);
        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Client_ChannelDisposed_EndsItsCalls()
    {
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var server = await Waiting(started, cancelled).ServeAsync();
        var channel = server.Connect();
        var client = new TestService.TestServiceClient(channel);
        using var call = client.UnaryCallAsync(new SimpleRequest());
        await started.Task.InTimeAsync();
        channel.Dispose();
        Assert.Equal(StatusCode.Cancelled, (await call.ResponseAsync.FailsAsync()).StatusCode);
        await cancelled.Task.InTimeAsync();
        Assert.Throws<ObjectDisposedException>(() => client.UnaryCallAsync(new SimpleRequest()));
    }

    [Fact]
    public async Task Client_TokenCancelledBefore_SendsNothing()
    {
        using var channel = AgentChannel.To("http://127.0.0.1:1");
        using var call = new TestService.TestServiceClient(channel).UnaryCallAsync(
            new SimpleRequest(), cancellationToken: new CancellationToken(true));
        Assert.Equal(StatusCode.Cancelled, (await call.ResponseAsync.FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task Client_CancelsAStream_ServerDoesNotSeeItsEndAsComplete()
    {
        var started = new TaskCompletionSource();
        var outcome = new TaskCompletionSource<string>();
        var service = new ScriptedService
        {
            ClientStreaming = async (requests, _) =>
            {
                try
                {
                    await requests.MoveNext();
                    started.SetResult();
                    outcome.SetResult(await requests.MoveNext() ? "message" : "end");
                }
                catch (Exception e)
                {
                    outcome.SetResult(
                        e is OperationCanceledException or IOException or InvalidOperationException ? "cancelled" : e.ToString());
                }

                return new StreamingInputCallResponse();
            },
        };
        for (var i = 0; i < 20; i++)
        {
            await using var server = await service.ServeAsync();
            using var channel = server.Connect();
            using var call = new TestService.TestServiceClient(channel).StreamingInputCall();
            await call.RequestStream.WriteAsync(new StreamingInputCallRequest()).InTimeAsync();
            await started.Task.InTimeAsync();
            call.Dispose();
            Assert.Equal("cancelled", await outcome.Task.InTimeAsync());
            started = new TaskCompletionSource();
            outcome = new TaskCompletionSource<string>();
        }
    }

    [Fact]
    public async Task Client_TokenOfARead_CancelsTheCall()
    {
        var cancelled = new TaskCompletionSource();
        var service = new ScriptedService
        {
            ServerStreaming = async (_, responses, context) =>
            {
                context.CancellationToken.Register(() => cancelled.TrySetResult());
                await responses.WriteAsync(new StreamingOutputCallResponse());
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest());
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
        using var source = new CancellationTokenSource();
        var read = call.ResponseStream.MoveNext(source.Token);
        await source.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await read.FailsAsync()).StatusCode);
        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Client_DisposesAStreamBetweenReads_CancelsTheServersHandler()
    {
        var cancelled = new TaskCompletionSource();
        var service = new ScriptedService
        {
            ServerStreaming = async (_, responses, context) =>
            {
                context.CancellationToken.Register(() => cancelled.TrySetResult());
                await responses.WriteAsync(new StreamingOutputCallResponse());
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using (var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest()))
        {
            Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
        }

        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Server_CallEndsNormally_TokenIsNotCancelled()
    {
        var token = default(CancellationToken);
        var service = new ScriptedService
        {
            Unary = (_, context) =>
            {
                token = context.CancellationToken;
                return Task.FromResult(new SimpleResponse());
            },
        };
        await using (var server = await service.ServeAsync())
        {
            using var channel = server.Connect();
            await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).InTimeAsync();
        }

        Assert.False(token.IsCancellationRequested);
    }

    [Fact]
    public async Task Server_EndsAClientStreamEarly_ClientGetsTheStatusAndWritesFail()
    {
        var service = new ScriptedService
        {
            ClientStreaming = async (requests, _) =>
            {
                await requests.MoveNext();
                throw new RpcException(new Status(StatusCode.ResourceExhausted, "enough"));
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingInputCall();
        await call.RequestStream.WriteAsync(new StreamingInputCallRequest()).InTimeAsync();
        Assert.Equal(StatusCode.ResourceExhausted, (await call.ResponseAsync.FailsAsync()).StatusCode);
        Assert.Equal(
            StatusCode.ResourceExhausted,
            (await call.RequestStream.WriteAsync(new StreamingInputCallRequest()).FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task Server_AnswersAClientStreamEarly_ClientGetsTheResponse()
    {
        var service = new ScriptedService
        {
            ClientStreaming = async (requests, _) =>
            {
                await requests.MoveNext();
                return new StreamingInputCallResponse { AggregatedPayloadSize = 1 };
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingInputCall();
        await call.RequestStream.WriteAsync(new StreamingInputCallRequest()).InTimeAsync();
        Assert.Equal(1, (await call.ResponseAsync.InTimeAsync()).AggregatedPayloadSize);
        Assert.Equal(StatusCode.OK, (await call.RequestStream.WriteAsync(new StreamingInputCallRequest()).FailsAsync()).StatusCode);
    }

    private static ScriptedService Waiting(TaskCompletionSource started, TaskCompletionSource cancelled) => new()
    {
        Unary = async (_, context) =>
        {
            context.CancellationToken.Register(() => cancelled.TrySetResult());
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new SimpleResponse();
        },
    };
}
