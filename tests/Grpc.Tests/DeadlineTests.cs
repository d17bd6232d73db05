using System.Diagnostics;
using Fleet.Grpc.Tests.Infrastructure;
using Fleet.Testing;
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
        using var channel = global::Grpc.Net.Client.GrpcChannel.ForAddress("http://127.0.0.1:1");
        var e = await new TestService.TestServiceClient(channel)
            .UnaryCallAsync(new SimpleRequest(), deadline: In(TimeSpan.FromSeconds(-1))).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
    }

    [Fact]
    public async Task Client_DeadlineNotInUtc_IsRefused()
    {
        await using var server = await new ScriptedService().ServeAsync();
        using var channel = server.Connect();
        var client = new TestService.TestServiceClient(channel);
        Assert.Throws<InvalidOperationException>(
            () => client.UnaryCallAsync(new SimpleRequest(), deadline: new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Local)));
    }

    [Fact]
    public async Task Client_OwnClock_EndsTheCall()
    {
        var started = new TaskCompletionSource();
        var service = new ScriptedService
        {
            Unary = async (_, context) =>
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return new SimpleResponse();
            },
        };
        await using var server = await service.ServeAsync();
        var clock = new FakeTimeProvider();
        using var channel = server.Connect(options => options.TimeProvider = clock);
        using var call = new TestService.TestServiceClient(channel)
            .UnaryCallAsync(new SimpleRequest(), deadline: clock.GetUtcNow().UtcDateTime.AddDays(60));
        await started.Task.InTimeAsync();
        clock.Advance(TimeSpan.FromDays(60) - TimeSpan.FromSeconds(1));
        Assert.False(call.ResponseAsync.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(StatusCode.DeadlineExceeded, (await call.ResponseAsync.FailsAsync()).StatusCode);
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
        var answer = await client.CallAsync("/grpc.testing.TestService/UnaryCall", RawGrpcClient.Frame([]), ("grpc-timeout", "200m")).InTimeAsync();
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
                        await responses.WriteAsync(new StreamingOutputCallResponse { Payload = new Payload { Body = Google.Protobuf.ByteString.CopyFrom(new byte[100_000]) } });
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

        // What was sent is still whole, and ends with the status.
        Assert.Equal("4", (await RawAnswer.ReadAsync(Task.FromResult(response)).InTimeAsync()).GrpcStatus);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1s")]
    [InlineData("123456789S")]
    public async Task Server_InvalidTimeout_IsIgnoredAndLogged(string timeout)
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
        var answer = await client.CallAsync("/grpc.testing.TestService/UnaryCall", RawGrpcClient.Frame([]), ("grpc-timeout", timeout)).InTimeAsync();
        Assert.Equal("0", answer.GrpcStatus);
        Assert.Contains(server.Log.Lines, line => line.EventName == "InvalidTimeoutIgnored");
    }

    [Fact]
    public async Task Server_PropagatedToken_CarriesDeadlineAndCancellation()
    {
        var inner = new ScriptedService
        {
            Unary = async (_, context) =>
            {
                Assert.True(context.Deadline < DateTime.MaxValue);
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return new SimpleResponse();
            },
        };
        await using var innerServer = await inner.ServeAsync();
        using var innerChannel = innerServer.Connect();
        var seen = new TaskCompletionSource<StatusCode>();
        var outer = new ScriptedService
        {
            Unary = async (request, context) =>
            {
                var options = new CallOptions(propagationToken: context.CreatePropagationToken());
                var e = await new TestService.TestServiceClient(innerChannel).UnaryCallAsync(request, options).ResponseAsync.FailsAsync();
                seen.SetResult(e.StatusCode);
                throw e;
            },
        };
        await using var outerServer = await outer.ServeAsync();
        using var channel = outerServer.Connect();
        var watch = Stopwatch.StartNew();
        await new TestService.TestServiceClient(channel)
            .UnaryCallAsync(new SimpleRequest(), deadline: In(TimeSpan.FromSeconds(2))).ResponseAsync.FailsAsync();
        Assert.Contains(await seen.Task.InTimeAsync(), (StatusCode[])[StatusCode.DeadlineExceeded, StatusCode.Cancelled]);
        Assert.True(watch.Elapsed < Patience.Limit);
    }

    private static DateTime In(TimeSpan time) => TimeProvider.System.GetUtcNow().UtcDateTime + time;
}
