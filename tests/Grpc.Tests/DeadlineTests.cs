using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

public sealed class DeadlineTests
{
    [Fact]
    public async Task Client_ServerNeverAnswers_DeadlineExceeded()
    {
        var cancelled = new TaskCompletionSource();
        var service = new ScriptedService
        {
            Unary = async (_, context) =>
            {
                Assert.NotEqual(DateTime.MaxValue, context.Deadline);
                context.CancellationToken.Register(() => cancelled.TrySetResult());
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return new SimpleResponse();
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        var e = await new TestService.TestServiceClient(channel)
            .UnaryCallAsync(new SimpleRequest(), deadline: In(TimeSpan.FromSeconds(2))).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Client_DeadlineInThePast_FailsWithoutARequest()
    {
        using var channel = AgentChannel.To("http://127.0.0.1:1");
        var e = await new TestService.TestServiceClient(channel)
            .UnaryCallAsync(new SimpleRequest(), deadline: In(TimeSpan.FromSeconds(-1))).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
    }

    [Fact]
    public async Task Server_HandlerIgnoresItsToken_ClientStillGetsTheStatusFromTheServer()
    {
        var release = new TaskCompletionSource();
        var service = new ScriptedService
        {
            Unary = async (_, _) =>
            {
                await release.Task;
                return new SimpleResponse();
            },
        };
        await using var server = await service.ServeAsync();
        using var client = new RawGrpcClient(server.Address);
        var answer = await client
            .CallAsync("/grpc.testing.TestService/UnaryCall", RawGrpcClient.Frame([]), ("grpc-timeout", "200m"))
            .InTimeAsync();
        Assert.Equal("4", answer.GrpcStatus);
        release.SetResult();
    }

    [Fact]
    public async Task Server_WriterBlockedBySlowReader_IsFreedByTheDeadline()
    {
        var outcome = new TaskCompletionSource<Exception>();
        var service = new ScriptedService
        {
            ServerStreaming = async (_, responses, _) =>
            {
                try
                {
                    while (true)
                    {
                        await responses.WriteAsync(
                            new StreamingOutputCallResponse
                            {
                                Payload = new Payload { Body = Google.Protobuf.ByteString.CopyFrom(new byte[100_000]) },
                            });
                    }
                }
                catch (Exception e)
                {
                    outcome.SetResult(e);
                    throw;
                }
            },
        };
        await using var server = await service.ServeAsync();
        using var client = new RawGrpcClient(server.Address);
        using var response = await client.SendAsync(
            "/grpc.testing.TestService/StreamingOutputCall", RawGrpcClient.Frame([]), ("grpc-timeout", "500m")).InTimeAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await outcome.Task.InTimeAsync());
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1s")]
    public async Task Server_InvalidTimeout_IsIgnored(string timeout)
    {
        var service = new ScriptedService
        {
            Unary = (_, context) =>
            {
                Assert.Equal(DateTime.MaxValue, context.Deadline);
                return Task.FromResult(new SimpleResponse());
            },
        };
        await using var server = await service.ServeAsync();
        using var client = new RawGrpcClient(server.Address);
        var answer = await client
            .CallAsync("/grpc.testing.TestService/UnaryCall", RawGrpcClient.Frame([]), ("grpc-timeout", timeout))
            .InTimeAsync();
        Assert.Equal("0", answer.GrpcStatus);
    }

    private static DateTime In(TimeSpan time) => TimeProvider.System.GetUtcNow().UtcDateTime + time;
}
