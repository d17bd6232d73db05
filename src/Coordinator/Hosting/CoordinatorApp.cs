using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Connections;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Events;
using Fleet.Coordinator.Fleet;
using Fleet.Coordinator.Health;
using Fleet.Coordinator.Hosting.Silo;
using Fleet.Coordinator.Hosts;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.Policies;
using Fleet.Coordinator.Reflection;
using Fleet.Coordinator.Runs;
using Fleet.Coordinator.Sessions;
using Fleet.Coordinator.Snapshots;
using Fleet.Coordinator.Telemetry;

namespace Fleet.Coordinator.Hosting;

/// <summary>Puts the coordinator together. One line per feature.</summary>
internal static class CoordinatorApp
{
    /// <summary>Longest time that an orderly shutdown may take; systemd's limit is longer.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);

    /// <param name="configure">For tests, for example to set a clock of their own.</param>
    public static WebApplication Build(
        CoordinatorOptions options, string configurationPath = CoordinatorFile.DefaultPath, Action<WebApplicationBuilder>? configure = null)
    {
        var live = new LiveOptions(options.Reloadable);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(live);
        builder.Services.AddSingleton(new ConfigurationLocation(configurationPath));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.AddLogging(live);
        builder.AddStorage();
        builder.AddGrains(options);
        builder.AddSystem();
        builder.AddMetrics();
        builder.AddIdentity();
        builder.AddEdge();
        builder.AddEvents();
        builder.AddHosts();
        builder.AddRuns();
        builder.AddPolicies();
        builder.AddSnapshots();
        builder.AddSessions();
        builder.AddTrustedClock();
        builder.AddFleet();
        builder.AddHealth();
        builder.AddReflection();
        builder.AddTelemetry();
        builder.AddMessageLimits();
        builder.AddLimits();
        builder.AddConnections();
        builder.AddListeners(options);
        configure?.Invoke(builder);

        var app = builder.Build();
        // It reports the uptime since it was created, so it must be created now and not at the first call.
        _ = app.Services.GetRequiredService<FleetStatus>();
        app.UseConnectionLimits();
        app.MapIdentity();
        app.MapMetrics();
        app.MapHealth();
        app.MapReflection();
        app.MapGrpcService<AgentRpc>();
        app.MapGrpcService<EventRpc>();
        app.MapGrpcService<FleetRpc>();
        return app;
    }

    private static void AddSystem(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SystemdNotifier>();
        builder.Services.AddSingleton<StoreWatch>();
        builder.Services.AddSingleton<IAttentionSource>(services => services.GetRequiredService<StoreWatch>());
        builder.Services.AddSingleton<IReadiness>(services => services.GetRequiredService<StoreWatch>());
        builder.Services.AddHostedService(services => services.GetRequiredService<StoreWatch>());
        builder.Services.AddSingleton<StoreInspection>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StoreInspection>());
        builder.Services.AddHostedService<Reloader>();
    }
}
