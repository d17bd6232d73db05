using System.Collections.Concurrent;
using System.Net;
using Fleet.Coordinator.Tests.Telemetry.Otlp;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleet.Coordinator.Tests.Telemetry;

/// <summary>What an OpenTelemetry collector is to a program that exports: the two services, over HTTP/2 without TLS on loopback.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpReceiver(WebApplication app) => _app = app;

    public Uri Endpoint => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public ConcurrentQueue<ResourceSpans> Traces => _app.Services.GetRequiredService<Received>().Traces;

    public ConcurrentQueue<ResourceMetrics> Metrics => _app.Services.GetRequiredService<Received>().Metrics;

    public IEnumerable<Span> Spans => Traces.SelectMany(t => t.ScopeSpans).SelectMany(s => s.Spans);

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<Received>();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<TraceReceiver>();
        app.MapGrpcService<MetricReceiver>();
        await app.StartAsync();
        return new OtlpReceiver(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private sealed class Received
    {
        public ConcurrentQueue<ResourceSpans> Traces { get; } = [];

        public ConcurrentQueue<ResourceMetrics> Metrics { get; } = [];
    }

    private sealed class TraceReceiver(Received received) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            foreach (var spans in request.ResourceSpans)
            {
                received.Traces.Enqueue(spans);
            }

            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    private sealed class MetricReceiver(Received received) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context)
        {
            foreach (var metrics in request.ResourceMetrics)
            {
                received.Metrics.Enqueue(metrics);
            }

            return Task.FromResult(new ExportMetricsServiceResponse());
        }
    }
}
