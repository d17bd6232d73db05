using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Hosting;
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
        builder.Services.AddSingleton<DuplicateIdentities>();
        builder.Services.AddSingleton<PolicyQueries>();
        builder.Services.AddSingleton<IAttentionSource, HostAttention>();
        builder.Services.AddSingleton<IAttentionSource, PolicyAttention>();
        builder.Services.AddSingleton<IAttentionSource, RunAttention>();
        AddWatch<DispatchWatch>(builder.Services);
        AddWatch<ScheduleWatch>(builder.Services);
        AddWatch<DestinationWatch>(builder.Services);
        builder.Services.AddSingleton<TrustedTime>();
        AddWatch<TrustedClock>(builder.Services);
        builder.Services.AddSingleton<IAttentionSource>(static provider => provider.GetRequiredService<StoreWatch>());
        builder.Services.AddSingleton<FleetStatus>();
        builder.Services.AddSingleton<FleetRpc>();
        return builder;
    }

    /// <summary>One object that both looks and tells.</summary>
    private static void AddWatch<T>(IServiceCollection services)
        where T : class, IHostedService, IAttentionSource
    {
        services.AddSingleton<T>();
        services.AddHostedService(static provider => provider.GetRequiredService<T>());
        services.AddSingleton<IAttentionSource>(static provider => provider.GetRequiredService<T>());
    }
}
