using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.Health;
using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Metrics;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Metrics;

/// <summary>Registers metrics.</summary>
internal static class MetricsSetup
{
    /// <summary>
    /// Registers <see cref="IMetricSink"/> for sessions, <see cref="MetricQueries"/> for FleetService, roll-ups, and the counting of calls.
    /// To be added before identity, so that refused calls are counted, too.
    /// </summary>
    public static WebApplicationBuilder AddMetrics(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(static _ => new MetricBudget());
        services.AddSingleton<MetricEvents>();
        services.AddSingleton<MetricStore>();
        services.AddSingleton<IMetricSink>(static provider => provider.GetRequiredService<MetricStore>());
        services.AddSingleton(static provider =>
        {
            // Who owns the database is settled when the store is opened.
            _ = provider.GetRequiredService<FleetStore>();
            return RollupStore.Open(
                provider.GetRequiredService<StoreEngines>().Metrics,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RollupStore>>());
        });
        services.AddSingleton<RollupWriter>();
        services.AddHostedService(static provider => provider.GetRequiredService<RollupWriter>());
        services.AddSingleton<MetricQueries>();
        services.AddSingleton<IAttentionSource, MetricAttention>();
        services.AddSingleton<FleetGauges>();
        services.AddHostedService(static provider => provider.GetRequiredService<FleetGauges>());
        services.AddSingleton(static provider => new MeterSnapshot(
            CoordinatorMeter.Meter, provider.GetRequiredService<FleetGauges>().Meter));
        services.AddHostedService(static provider => provider.GetRequiredService<MeterSnapshot>());
        services.AddSingleton<CoordinatorMetricsPage>();
        services.AddSingleton<FleetMetricsPage>();
        services.AddSingleton<CallMetricsInterceptor>();
        services.AddGrpc(static options => options.Interceptors.Add<CallMetricsInterceptor>());
        return builder;
    }

    /// <summary>Maps /metrics and /metrics/fleet, on the plain listener only.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder app)
    {
        var own = app.ServiceProvider.GetRequiredService<CoordinatorMetricsPage>();
        var fleet = app.ServiceProvider.GetRequiredService<FleetMetricsPage>();
        app.MapGet("/metrics", own.WriteAsync).PlainListenerOnly();
        app.MapGet("/metrics/fleet", fleet.WriteAsync).PlainListenerOnly();
    }
}
