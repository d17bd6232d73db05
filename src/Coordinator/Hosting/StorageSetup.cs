using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Storage;
using Npgsql;

namespace Fleet.Coordinator.Hosting;

/// <summary>Registers the store.</summary>
internal static partial class StorageSetup
{
    /// <summary>
    /// The state directory (its lock) and the databases, opened on first use, closed after everything that uses them.
    /// </summary>
    public static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => StateDirectory.Open(services.GetRequiredService<CoordinatorOptions>().StateDirectory));
        builder.Services.AddSingleton(services =>
        {
            var directory = services.GetRequiredService<StateDirectory>();
            var log = services.GetRequiredService<ILogger<FleetStore>>();
            var systemd = services.GetRequiredService<SystemdNotifier>();
            var known = "";
            return services.GetRequiredService<CoordinatorOptions>().Database is { } database
                ? StoreEngines.Postgres(Connection(database), holder =>
                {
                    if (holder != known)
                    {
                        OwnerAlive(log, holder);
                        known = holder;
                    }

                    systemd.Send($"EXTEND_TIMEOUT_USEC=30000000\nSTATUS=waiting for {holder}");
                })
                : StoreEngines.Sqlite(directory);
        });
        builder.Services.AddSingleton(services => FleetStore.Open(
            services.GetRequiredService<StoreEngines>().Fleet,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<FleetStore>>()));
        return builder;
    }

    /// <summary>The connection with its password.</summary>
    /// <exception cref="StoreException">The password's file cannot be read.</exception>
    public static string Connection(DatabaseOptions database)
    {
        if (database.PasswordFile is not { } file)
        {
            return database.ConnectionString;
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(database.ConnectionString)
            {
                Password = File.ReadLines(file).FirstOrDefault(""),
            }.ConnectionString;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"database.password_file cannot be read: {exception.Message}", exception);
        }
    }
}
