using Fleet.Coordinator.Hosts;
using Fleet.Coordinator.Policies;
using Fleet.Coordinator.Runs;

namespace Fleet.Coordinator.Fleet;

/// <summary>Registers what operators ask for.</summary>
internal static class FleetSetup
{
    public static WebApplicationBuilder AddFleet(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HostQueries>();
        builder.Services.AddSingleton<PolicyQueries>();
        builder.Services.AddSingleton<IAttentionSource, HostAttention>();
        builder.Services.AddSingleton<IAttentionSource, PolicyAttention>();
        builder.Services.AddSingleton<IAttentionSource, RunAttention>();
        builder.Services.AddSingleton<FleetStatus>();
        builder.Services.AddSingleton<FleetRpc>();
        return builder;
    }
}
