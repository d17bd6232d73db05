namespace Fleet.Coordinator.Telemetry;

/// <summary>Registers the export of traces and metrics.</summary>
internal static class TelemetrySetup
{
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddHostedService<TelemetryExport>();
        return builder;
    }
}
