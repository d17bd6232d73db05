namespace Fleet.Coordinator.Sessions;

/// <summary>Registers agents' sessions.</summary>
internal static class SessionsSetup
{
    public static WebApplicationBuilder AddSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SessionRegistry>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SessionRegistry>());
        builder.Services.AddSingleton<SessionBeats>();
        builder.Services.AddSingleton<SessionServices>();
        builder.Services.AddSingleton<SessionHandler>();
        builder.Services.AddSingleton<AgentRpc>();
        return builder;
    }
}
