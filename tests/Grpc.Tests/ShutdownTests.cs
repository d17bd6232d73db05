using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fleet.Grpc.Tests;

public sealed class ShutdownTests
{
    [Fact]
    public async Task Stop_CallInFlight_IsCompleted()
    {
        var started = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        var service = new ScriptedService
        {
            Unary = async (_, _) =>
            {
                started.SetResult();
                await go.Task;
                return new SimpleResponse { Username = "done" };
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest());
        await started.Task.InTimeAsync();
        var stopping = server.StopAsync();
        await StoppingAsync(server);
        go.SetResult();
        Assert.Equal("done", (await call.InTimeAsync()).Username);
        await stopping.InTimeAsync();
    }

    [Fact]
    public async Task Stop_StreamThatIgnoresIt_EndsWithTheShutdownTimeout()
    {
        var release = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        var service = new ScriptedService
        {
            Duplex = async (_, responses, context) =>
            {
                context.CancellationToken.Register(() => cancelled.TrySetResult());
                await responses.WriteAsync(new StreamingOutputCallResponse());
                await release.Task;
            },
        };
        await using var server = await service.ServeAsync(
            services: s => s.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(2)));
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
        var stopping = server.StopAsync();
        Assert.Equal(StatusCode.Unavailable, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
        await cancelled.Task.InTimeAsync();
        release.SetResult();
        await stopping.InTimeAsync();
    }

    [Fact]
    public async Task Call_AfterTheServerStopped_FailsAsALostConnection()
    {
        var service = new ScriptedService { Unary = (_, _) => Task.FromResult(new SimpleResponse()) };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).InTimeAsync();
        await server.StopAsync().InTimeAsync();
        var e = await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).ResponseAsync.FailsAsync();
        Assert.True(IsLostConnection(e), e.ToString());
    }

    // A call that meets the server's GOAWAY on the old connection is INTERNAL to grpc-dotnet, which maps HTTP/2's NO_ERROR so.
    private static bool IsLostConnection(RpcException e) =>
        e.StatusCode == StatusCode.Unavailable || (e.StatusCode == StatusCode.Internal && Causes(e).OfType<HttpProtocolException>().Any());

    private static IEnumerable<Exception> Causes(RpcException e)
    {
        for (var cause = e.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }

    private static Task StoppingAsync(TestServer server)
    {
        var stopping = new TaskCompletionSource();
        server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        return stopping.Task.InTimeAsync();
    }
}
