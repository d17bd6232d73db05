using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

/// <summary>A reader that does not read stops the writer after what HTTP/2 flow control and the buffers on the way hold.</summary>
public sealed class BackPressureTests
{
    private const int MessageBytes = 64 * 1024;

    /// <summary>Far above any buffer on the way, far below what an unchecked writer would put there.</summary>
    private const int MostMessagesInFlight = 400;

    private static readonly ByteString Block = ByteString.CopyFrom(new byte[MessageBytes]);

    [Fact]
    public async Task Server_SlowReader_StopsTheWriterAndLetsItGoOn()
    {
        using var written = new Progress();
        var service = new ScriptedService
        {
            ServerStreaming = async (_, responses, context) =>
            {
                for (var i = 0; i < 2 * MostMessagesInFlight; i++)
                {
                    await responses.WriteAsync(new StreamingOutputCallResponse { Payload = new Payload { Body = Block } });
                    written.Step();
                }
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest());
        await call.ResponseHeadersAsync.InTimeAsync();
        var stoppedAt = await written.WaitUntilItRestsAsync();
        Assert.InRange(stoppedAt, 1, MostMessagesInFlight);
        var count = await call.ResponseStream.ReadAllAsync().CountAsync().AsTask().InTimeAsync();
        Assert.Equal(2 * MostMessagesInFlight, count);
    }

    [Fact]
    public async Task Client_SlowReader_StopsTheWriterAndLetsItGoOn()
    {
        var go = new TaskCompletionSource();
        var service = new ScriptedService
        {
            ClientStreaming = async (requests, _) =>
            {
                await go.Task;
                return new StreamingInputCallResponse { AggregatedPayloadSize = await requests.ReadAllAsync().CountAsync() };
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingInputCall();
        using var written = new Progress();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 2 * MostMessagesInFlight; i++)
            {
                await call.RequestStream.WriteAsync(new StreamingInputCallRequest { Payload = new Payload { Body = Block } });
                written.Step();
            }

            await call.RequestStream.CompleteAsync();
        });
        var stoppedAt = await written.WaitUntilItRestsAsync();
        Assert.InRange(stoppedAt, 1, MostMessagesInFlight);
        go.SetResult();
        await writing.InTimeAsync();
        Assert.Equal(2 * MostMessagesInFlight, (await call.ResponseAsync.InTimeAsync()).AggregatedPayloadSize);
    }

    [Fact]
    public async Task Server_WriterThatWaits_IsFreedByItsToken()
    {
        var outcome = new TaskCompletionSource<Exception>();
        using var stop = new CancellationTokenSource();
        using var written = new Progress();
        var service = new ScriptedService
        {
            ServerStreaming = async (_, responses, _) =>
            {
                try
                {
                    while (true)
                    {
                        await responses.WriteAsync(new StreamingOutputCallResponse { Payload = new Payload { Body = Block } }, stop.Token);
                        written.Step();
                    }
                }
                catch (Exception e)
                {
                    outcome.SetResult(e);
                    throw new RpcException(new Status(StatusCode.Unavailable, "stopping"));
                }
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest());
        await written.WaitUntilItRestsAsync();
        await stop.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await outcome.Task.InTimeAsync());
    }

    [Fact]
    public async Task Server_OneSlowReader_DoesNotSlowAnotherOnTheSameConnection()
    {
        var service = new ScriptedService
        {
            ServerStreaming = async (request, responses, _) =>
            {
                for (var i = 0; i < request.ResponseParameters[0].Size; i++)
                {
                    await responses.WriteAsync(new StreamingOutputCallResponse { Payload = new Payload { Body = Block } });
                }
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        var client = new TestService.TestServiceClient(channel);
        using var slow = client.StreamingOutputCall(Request(100_000));
        Assert.True(await slow.ResponseStream.MoveNext().InTimeAsync());
        using var quick = client.StreamingOutputCall(Request(500));
        Assert.Equal(500, await quick.ResponseStream.ReadAllAsync().CountAsync().AsTask().InTimeAsync());

        static StreamingOutputCallRequest Request(int count) => new() { ResponseParameters = { new ResponseParameters { Size = count } } };
    }

    /// <summary>A count, and whether it still moves.</summary>
    private sealed class Progress : IDisposable
    {
        private static readonly TimeSpan RestsAfter = TimeSpan.FromSeconds(1);
        private readonly SemaphoreSlim _steps = new(0);
        private int _count;

        public void Dispose() => _steps.Dispose();

        public void Step()
        {
            Interlocked.Increment(ref _count);
            _steps.Release();
        }

        /// <summary>The count once it has not moved for a second.</summary>
        public async Task<int> WaitUntilItRestsAsync()
        {
            Assert.True(await _steps.WaitAsync(Patience.Limit), "nothing was written");
            while (await _steps.WaitAsync(RestsAfter))
            {
            }

            return Volatile.Read(ref _count);
        }
    }
}
