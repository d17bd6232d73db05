using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.State.Reminders;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Reminders;

namespace Fleet.Coordinator.Hosting.Silo;

/// <summary>Sets up the silo that the grains live in. It is alone: it opens no port and knows no other silo.</summary>
internal static class GrainsSetup
{
    /// <summary>Part of the silo's name for itself. Nothing listens on it.</summary>
    private const int SiloPort = 11111;

    /// <summary>Null in Orleans' terms: no gateway for clients outside the process.</summary>
    private const int NoGateway = 0;

    /// <summary>
    /// Grains whose silo is remembered. Orleans' default, a million, takes 18 MB for the tables alone, and in one silo the directory itself
    /// is at hand.
    /// </summary>
    private const int RememberedGrains = 4096;

    /// <summary>
    /// What Orleans does for itself runs on the machine's clock, also where a test moves the product's by hand. Grain timers stay on the
    /// product's.
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
            silo.Services.AddSingleton<IReminderTable, SqliteReminderTable>();
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
    /// Puts listeners that accept nothing in place of Orleans' own: those would listen without asking anybody who he is. Their keys are
    /// private, the registrations are not.
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
