namespace Fleet.Coordinator.Hosts;

/// <summary>Registers hosts.</summary>
internal static class HostsSetup
{
    public static WebApplicationBuilder AddHosts(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IHostDirectory, HostDirectory>();
        builder.Services.AddHostedService<HostMonitor>();
        return builder;
    }
}
