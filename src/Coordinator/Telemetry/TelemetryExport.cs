using System.Reflection;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Runs;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Diagnostics;

namespace Fleet.Coordinator.Telemetry;

/// <summary>
/// Exports traces and metrics over OTLP when telemetry.otlp_endpoint is set. Port 4318, or a path, means HTTP with protobuf; any other
/// means gRPC (opentelemetry.io/docs/specs/otlp). Queues are the SDK's bounded ones: a collector that is away loses data and costs nothing
/// else.
/// </summary>
internal sealed partial class TelemetryExport(CoordinatorOptions options, ILogger<TelemetryExport> log) : IHostedService, IDisposable
{
    private const int HttpPort = 4318;
    private const int FlushMilliseconds = 3_000;

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.OtlpEndpoint is not { } endpoint)
        {
            return Task.CompletedTask;
        }

        var http = endpoint.Port == HttpPort || endpoint.AbsolutePath.Trim('/').Length > 0;
        var resource = ResourceBuilder
            .CreateDefault()
            .AddService(
                "fleet-coordinator",
                serviceVersion: typeof(TelemetryExport)
                    .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                    ?.InformationalVersion,
                serviceInstanceId: Environment.MachineName);
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(RunTracing.SourceName, ActivitySources.ApplicationGrainActivitySourceName, ActivitySources.RuntimeActivitySourceName)
            .AddAspNetCoreInstrumentation(static calls => calls.Filter = IsGrpc)
            .AddOtlpExporter(exporter => Configure(exporter, endpoint, http, "v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(
                CoordinatorMeter.Name,
                "Microsoft.Orleans",
                "Microsoft.AspNetCore.Hosting",
                "Microsoft.AspNetCore.Server.Kestrel",
                "System.Runtime")
            .AddOtlpExporter(exporter => Configure(exporter, endpoint, http, "v1/metrics"))
            .Build();
        Exporting(log, endpoint, http ? "HTTP" : "gRPC");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            _traces?.ForceFlush(FlushMilliseconds);
            _metrics?.ForceFlush(FlushMilliseconds);
        },
        CancellationToken.None);

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    /// <summary>Only calls are traced: regular requests for metrics and health are of no interest.</summary>
    private static bool IsGrpc(HttpContext context) =>
        context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true
        && !context.Request.Path.StartsWithSegments("/grpc.health.v1.Health", StringComparison.Ordinal);

    private static void Configure(OtlpExporterOptions exporter, Uri endpoint, bool http, string signal)
    {
        exporter.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = http ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{signal}") : endpoint;
        exporter.TimeoutMilliseconds = FlushMilliseconds;
    }
}
