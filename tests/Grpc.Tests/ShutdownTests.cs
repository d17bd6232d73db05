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
    public async Task Stop_Twice_OneServerAfterAnotherWorks()
    {
        var service = new ScriptedService { Unary = (_, _) => Task.FromResult(new SimpleResponse()) };
        await using (var first = await service.ServeAsync())
        {
            using var channel = first.Connect();
            await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).InTimeAsync();
            await first.StopAsync().InTimeAsync();
            var e = await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).ResponseAsync.FailsAsync();
            Assert.Equal(StatusCode.Unavailable, e.StatusCode);
        }
    }

    private static Task StoppingAsync(TestServer server)
    {
        var stopping = new TaskCompletionSource();
        server.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        return stopping.Task.InTimeAsync();
    }
}
