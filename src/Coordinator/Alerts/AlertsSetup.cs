namespace Fleet.Coordinator.Alerts;

/// <summary>Registers the services that look for things that need a person.</summary>
internal static class AlertsSetup
{
    /// <summary>Registers one object that both looks in the background and reports what it found.</summary>
    public static void AddWatch<T>(this IServiceCollection services)
        where T : class, IHostedService, IAttentionSource
    {
        services.AddSingleton<T>();
        services.AddHostedService(static provider => provider.GetRequiredService<T>());
        services.AddSingleton<IAttentionSource>(static provider => provider.GetRequiredService<T>());
    }
}
