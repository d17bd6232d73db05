namespace Fleet.Coordinator.Alerts;

/// <summary>How what looks for things that need a person is registered.</summary>
internal static class AlertsSetup
{
    /// <summary>One object that both looks in the background and says what it found.</summary>
    public static void AddWatch<T>(this IServiceCollection services)
        where T : class, IHostedService, IAttentionSource
    {
        services.AddSingleton<T>();
        services.AddHostedService(static provider => provider.GetRequiredService<T>());
        services.AddSingleton<IAttentionSource>(static provider => provider.GetRequiredService<T>());
    }
}
