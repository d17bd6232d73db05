using Fleet.Coordinator.Alerts;

namespace Fleet.Coordinator.Policies;

/// <summary>Registers policies.</summary>
internal static class PoliciesSetup
{
    public static WebApplicationBuilder AddPolicies(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PolicyApplier>();
        builder.Services.AddSingleton<PolicyQueries>();
        builder.Services.AddSingleton<IAttentionSource, PolicyAttention>();
        builder.Services.AddHostedService<PolicyStarter>();
        builder.Services.AddWatch<ScheduleWatch>();
        builder.Services.AddWatch<DestinationWatch>();
        return builder;
    }
}
