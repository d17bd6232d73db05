using Fleet.Coordinator.Hosting;
using Fleet.Testing;
using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>A server with the coordinator's settings for gRPC and HTTP/2, without its TLS. What it logs can be read.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly LoopbackServer _server;

    private TestServer(LoopbackServer server, LogSink log)
    {
        _server = server;
        Log = log;
    }

    public string Address => _server.Address;

    public LogSink Log { get; }

    public IServiceProvider Services => _server.Services;

    public static async Task<TestServer> StartAsync(
        Action<WebApplication> map,
        Action<GrpcServiceOptions>? grpc = null,
        Action<IServiceCollection>? services = null,
        Action<KestrelServerOptions>? kestrel = null)
    {
        var log = new LogSink();
        var server = await LoopbackServer.StartAsync(
            builder =>
            {
                builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug);
                builder.WebHost.ConfigureKestrel(options =>
                {
                    KestrelSetup.SetLimits(options.Limits);
                    kestrel?.Invoke(options);
                });
                builder.AddMessageLimits();
                builder.Services.AddGrpc(options => grpc?.Invoke(options));
                services?.Invoke(builder.Services);
            },
            map);
        return new TestServer(server, log);
    }

    public GrpcChannel Connect(Action<GrpcChannelOptions>? configure = null) => AgentChannel.To(Address, configure);

    public Task StopAsync(CancellationToken cancellationToken = default) => _server.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await StopAsync(limit.Token);
        await _server.DisposeAsync();
    }
}
