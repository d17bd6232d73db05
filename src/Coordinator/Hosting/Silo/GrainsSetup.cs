using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.State.Reminders;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Reminders;

namespace Fleet.Coordinator.Hosting.Silo;

/// <summary>Sets up the silo that the grains live in. It is the only silo: it opens no port and knows no other.</summary>
internal static class GrainsSetup
{
    /// <summary>Part of the silo's own address. Nothing listens on it.</summary>
    private const int SiloPort = 11111;

    /// <summary>What Orleans takes for none: no gateway for clients outside the process.</summary>
    private const int NoGateway = 0;

    /// <summary>
    /// How many grains' silos are cached. Orleans' default, a million, takes 18 MB for the tables alone, and with one silo the directory
    /// itself is local.
    /// </summary>
    private const int RememberedGrains = 4096;

    /// <summary>
    /// Orleans' internals use the machine's clock, even when a test moves the product's clock by hand. Grain timers stay on the product's
    /// clock.
    /// </summary>
    private static readonly string[] OwnClocks =
    [
        TimeProviderNames.Messaging,
        TimeProviderNames.SystemTimers,
        TimeProviderNames.Membership,
        TimeProviderNames.ActivationManagement,
        TimeProviderNames.GrainDirectory,
        ReminderTimeProviderNames.Reminders,
    ];

    public static WebApplicationBuilder AddGrains(this WebApplicationBuilder builder, CoordinatorOptions options)
    {
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(SiloPort, NoGateway, primarySiloEndpoint: null, serviceId: "fleet", clusterId: "fleet");
            silo.AddReminders();
            silo.Services.AddSingleton<IReminderTable, StoreReminderTable>();
            foreach (var name in OwnClocks)
            {
                silo.Services.AddKeyedSingleton(name, TimeProvider.System);
            }

            silo.Configure<GrainDirectoryOptions>(static directory => directory.CacheSize = RememberedGrains);
            silo.Services.CloseListeners();
            if (options.OtlpEndpoint is not null)
            {
                silo.AddActivityPropagation();
            }
        });
        return builder;
    }

    /// <summary>
    /// Replaces Orleans' own listeners with ones that accept nothing: Orleans' would accept connections without authentication. Their keys
    /// are private, the registrations are not.
    /// </summary>
    private static void CloseListeners(this IServiceCollection services)
    {
        var listeners = services
            .Where(static service => service.IsKeyedService && service.ServiceType == typeof(IConnectionListenerFactory))
            .ToArray();
        if (listeners.Length == 0)
        {
            throw new InvalidOperationException(
                "this version of Orleans registers its listeners in another way: the silo's ports would be open");
        }

        foreach (var listener in listeners)
        {
            services.Replace(ServiceDescriptor.KeyedSingleton<IConnectionListenerFactory, ClosedListenerFactory>(listener.ServiceKey));
        }
    }
}
