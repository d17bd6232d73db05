namespace Fleet.Coordinator.Fleet;

/// <summary>Registers the service for operators.</summary>
internal static class FleetSetup
{
    public static WebApplicationBuilder AddFleet(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FleetStatus>();
        builder.Services.AddSingleton<FleetRpc>();
        return builder;
    }
}
