using Fleet.Coordinator.Alerts;

namespace Fleet.Coordinator.Runs;

/// <summary>Registers runs.</summary>
internal static class RunsSetup
{
    public static WebApplicationBuilder AddRuns(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RunLogWriter>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RunLogWriter>());
        builder.Services.AddSingleton<RunLive>();
        builder.Services.AddSingleton<RunQueries>();
        builder.Services.AddSingleton<RunStarter>();
        builder.Services.AddSingleton<ActionStarter>();
        builder.Services.AddSingleton<RunWatch>();
        builder.Services.AddSingleton<IAttentionSource, RunAttention>();
        builder.Services.AddHostedService<RunKeeper>();
        return builder;
    }
}
