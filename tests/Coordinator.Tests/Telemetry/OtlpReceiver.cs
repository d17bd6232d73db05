using System.Collections.Concurrent;
using Fleet.Coordinator.Tests.Telemetry.Otlp;
using Fleet.Testing;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Telemetry;

/// <summary>What an OpenTelemetry collector is to a program that exports: the two services, over HTTP/2 without TLS on loopback.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly LoopbackServer _server;

    private OtlpReceiver(LoopbackServer server) => _server = server;

    public Uri Endpoint => new(_server.Address);

    public ConcurrentQueue<ResourceSpans> Traces => _server.Services.GetRequiredService<Received>().Traces;

    public ConcurrentQueue<ResourceMetrics> Metrics => _server.Services.GetRequiredService<Received>().Metrics;

    public IEnumerable<Span> Spans => Traces.SelectMany(t => t.ScopeSpans).SelectMany(s => s.Spans);

    public static async Task<OtlpReceiver> StartAsync() => new(await LoopbackServer.StartAsync(
        builder =>
        {
            builder.Services.AddGrpc();
            builder.Services.AddSingleton<Received>();
        },
        app =>
        {
            app.MapGrpcService<TraceReceiver>();
            app.MapGrpcService<MetricReceiver>();
        }));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

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
