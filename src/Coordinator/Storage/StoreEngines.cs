namespace Fleet.Coordinator.Storage;

/// <summary>The databases of a coordinator.</summary>
/// <param name="Fleet">Everything that is promised.</param>
/// <param name="Metrics">Roll-ups of metrics.</param>
internal sealed record StoreEngines(StoreEngine Fleet, StoreEngine Metrics)
{
    /// <summary>The file of roll-ups in the state directory.</summary>
    public const string MetricsFileName = "metrics.db";

    /// <summary>Files in the state directory.</summary>
    public static StoreEngines Sqlite(StateDirectory directory) => new(
        new SqliteEngine(directory.FilePath(SqliteDatabase.FileName)),
        new SqliteEngine(directory.FilePath(MetricsFileName), isDurable: false));

    /// <summary>One database of PostgreSQL.</summary>
    /// <param name="waits">Told who owns the database, as long as another coordinator does.</param>
    public static StoreEngines Postgres(string connectionString, Action<string> waits)
    {
        var lease = new PostgresLease($"{Environment.MachineName}, process {Environment.ProcessId}", waits);
        return new StoreEngines(
            new PostgresEngine(connectionString, "fleet", lease, isDurable: true),
            new PostgresEngine(connectionString, "metrics", lease, isDurable: false));
    }
}
