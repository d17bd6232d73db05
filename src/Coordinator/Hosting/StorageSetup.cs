using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Hosting;

/// <summary>Registers the store.</summary>
internal static class StorageSetup
{
    /// <summary>The state directory (its lock) and fleet.db, opened on first use, closed after everything that uses them.</summary>
    public static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => StateDirectory.Open(services.GetRequiredService<CoordinatorOptions>().StateDirectory));
        builder.Services.AddSingleton(services => FleetStore.Open(
            services.GetRequiredService<StateDirectory>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<FleetStore>>()));
        return builder;
    }
}
