namespace Fleet.Coordinator.Telemetry;

internal sealed partial class TelemetryExport
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Exporting traces and metrics to {Endpoint} over OTLP/{Protocol}")]
    private static partial void Exporting(ILogger logger, Uri endpoint, string protocol);
}
