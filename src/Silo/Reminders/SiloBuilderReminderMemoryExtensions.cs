using Microsoft.Extensions.DependencyInjection;
using Orleans.Reminders;

namespace Orleans.Hosting;

/// <summary>Reminders in memory.</summary>
public static class SiloBuilderReminderMemoryExtensions
{
    /// <summary>Adds reminders that are gone with the process, for tests.</summary>
    public static ISiloBuilder UseInMemoryReminderService(this ISiloBuilder builder) => builder
        .AddReminders()
        .ConfigureServices(static s => s.AddSingleton<IReminderTable, InMemoryReminderTable>());
}
