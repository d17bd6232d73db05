using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Reminders;
using Orleans.Timers;

namespace Orleans.Hosting;

/// <summary>Reminders over a table that the application provides.</summary>
public static class SiloBuilderReminderExtensions
{
    /// <summary>Adds reminders. The silo does not start without an <see cref="IReminderTable"/>.</summary>
    public static ISiloBuilder AddReminders(this ISiloBuilder builder) => builder.ConfigureServices(static s => s.AddReminders());

    /// <inheritdoc cref="AddReminders(ISiloBuilder)"/>
    public static void AddReminders(this IServiceCollection services)
    {
        services.TryAddSingleton<LocalReminderService>();
        services.TryAddSingleton<IReminderRegistry>(static s => s.GetRequiredService<LocalReminderService>());
    }
}
