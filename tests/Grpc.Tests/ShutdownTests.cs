using System.Diagnostics;
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_EndlessStream_EndsUnavailableWithinTheShutdownTimeout(bool handlerListens)
    {
        var release = new TaskCompletionSource();
        var service = new ScriptedService
        {
            Duplex = async (_, responses, context) =>
            {
                await responses.WriteAsync(new StreamingOutputCallResponse());
                await (handlerListens ? Task.Delay(Timeout.Infinite, context.CancellationToken) : release.Task);
            },
        };
        var timeout = TimeSpan.FromSeconds(6);
        await using var server = await service.ServeAsync(
            services: s => s.Configure<HostOptions>(options => options.ShutdownTimeout = timeout));
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
        var watch = Stopwatch.StartNew();
        var stopping = server.StopAsync();
        var e = await call.ResponseStream.MoveNext().FailsAsync();
        Assert.Equal(StatusCode.Unavailable, e.StatusCode);
        Assert.Equal("The server is shutting down.", e.Status.Detail);
        Assert.True(watch.Elapsed < timeout, $"{watch.Elapsed}");
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
