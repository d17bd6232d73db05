namespace Fleet.Coordinator.Snapshots;

/// <summary>Registers the catalogue of snapshots.</summary>
internal static class SnapshotsSetup
{
    public static WebApplicationBuilder AddSnapshots(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SnapshotQueries>();
        builder.Services.AddHostedService<SnapshotKeeper>();
        return builder;
    }
}
