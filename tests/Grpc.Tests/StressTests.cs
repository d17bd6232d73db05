using Fleet.Coordinator.Hosting;
using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Fleet.Grpc.Tests;

/// <summary>Many calls that end in every way at every moment: each has an end, and the server is none the worse.</summary>
public sealed class StressTests
{
    private const int Callers = 20;
    private const int CallsPerCaller = 60;
    private static readonly ByteString Block = ByteString.CopyFrom(new byte[3000]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Calls_CancelledDisposedAndOutOfTime_AllEnd(int seed)
    {
        await using var server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>());
        using var channel = server.Connect(o => o.HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => CallAsync(channel, new Random((seed * 1000) + i)))).InTimeAsync();

        await new TestService.TestServiceClient(channel).EmptyCallAsync(new Empty()).InTimeAsync();
        var errors = server.Log.Lines.Where(line => LoggingSetup.IsShown(line.Category, line.Level, LogLevel.Information)).ToList();
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    }

    private static async Task CallAsync(GrpcChannel channel, Random random)
    {
        var client = new TestService.TestServiceClient(channel);
        for (var i = 0; i < CallsPerCaller; i++)
        {
            using var cancel = new CancellationTokenSource();
            DateTime? deadline = random.Next(3) == 0 ? TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(random.Next(20)) : null;
            using var call = client.FullDuplexCall(deadline: deadline, cancellationToken: cancel.Token);
            var end = random.Next(4);
            var steps = random.Next(6);
            try
            {
                await WriteAndReadAsync(call, random, steps);
                switch (end)
                {
                    case 0:
                        await cancel.CancelAsync();
                        break;
                    case 1:
                        call.Dispose();
                        break;
                    case 2:
                        cancel.CancelAfter(random.Next(5));
                        break;
                }

                await call.RequestStream.CompleteAsync();
                while (await call.ResponseStream.MoveNext().InTimeAsync())
                {
                }

                // Responses that end at the moment of an end from this side may end without an exception.
                if (call.GetStatus() is { StatusCode: not StatusCode.OK } status)
                {
                    throw new RpcException(status);
                }
            }
            catch (ObjectDisposedException)
            {
                Assert.Equal(1, end);
            }
            catch (RpcException e)
            {
                // UNAVAILABLE: what was cut off in the middle of a read may look like a lost connection.
                Assert.True(e.StatusCode is StatusCode.Cancelled or StatusCode.DeadlineExceeded or StatusCode.Unavailable, e.ToString());
                Assert.True(end != 3 || deadline is not null, e.ToString());
            }
        }
    }

    private static async Task WriteAndReadAsync(
        AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call, Random random, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            var request = new StreamingOutputCallRequest { Payload = new Payload { Body = Block } };
            request.ResponseParameters.Add(new ResponseParameters { Size = random.Next(20_000) });
            try
            {
                await call.RequestStream.WriteAsync(request).InTimeAsync();
            }
            catch (Exception e) when (e is RpcException or IOException)
            {
                // Whatever stopped the write: how the call ended is said by its responses.
                return;
            }

            if (random.Next(2) == 0)
            {
                Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
            }
        }
    }
}
