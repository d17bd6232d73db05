using Fleet.Coordinator.Alerts;

namespace Fleet.Coordinator.Hosts;

/// <summary>Registers hosts.</summary>
internal static class HostsSetup
{
    public static WebApplicationBuilder AddHosts(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IHostDirectory, HostDirectory>();
        builder.Services.AddSingleton<HostQueries>();
        builder.Services.AddSingleton<DuplicateIdentities>();
        builder.Services.AddSingleton<IAttentionSource, HostAttention>();
        builder.Services.AddHostedService<HostMonitor>();
        builder.Services.AddWatch<DispatchWatch>();
        return builder;
    }
}
