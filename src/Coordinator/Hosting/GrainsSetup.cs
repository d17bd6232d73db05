using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Hosting;

/// <summary>Sets up the silo that the grains live in.</summary>
internal static class GrainsSetup
{
    public static WebApplicationBuilder AddGrains(this WebApplicationBuilder builder)
    {
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(serviceId: "fleet", clusterId: "fleet");
            silo.AddReminders();
            silo.Services.AddSingleton<IReminderTable, SqliteReminderTable>();
        });
        return builder;
    }
}
