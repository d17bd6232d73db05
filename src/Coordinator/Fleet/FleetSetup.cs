namespace Fleet.Coordinator.Fleet;

/// <summary>Registers what operators ask for.</summary>
internal static class FleetSetup
{
    public static WebApplicationBuilder AddFleet(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FleetStatus>();
        builder.Services.AddSingleton<FleetRpc>();
        return builder;
    }
}
