using Fleet.Coordinator.Storage.Migrations;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// Every step of the schema in order. The number of steps that a file has had is its schema number (PRAGMA user_version).
/// Add at the end; never reorder.
/// </summary>
internal static class SchemaMigrations
{
    public static readonly IReadOnlyList<IMigration> All =
    [
        new FleetTables(),
        new IdentityTables(),
        new OverdueRuns(),
        new RunNotes(),
        new SnapshotTables(),
        new StandingStill(),
        new LogSizes(),
        new HostBudgetsLeft(),
        new DryRuns(),
        new HistoryIndexes(),
    ];

    /// <summary>Brings a file to the newest schema. Each step is a transaction: a crash in between leaves a consistent schema.</summary>
    /// <returns>The schema number that the file had.</returns>
    /// <exception cref="StoreException">The file was made by a newer coordinator.</exception>
    public static int Apply(SqliteConnection connection, IReadOnlyList<IMigration> migrations)
    {
        var found = (int)Scalar(connection, "PRAGMA user_version");
        if (found > migrations.Count)
        {
            throw Newer(connection.DataSource, found, migrations.Count);
        }

        if (found < migrations.Count)
        {
            // Sort an index of millions of rows in a file, not in memory.
            Execute(connection, "PRAGMA temp_store = FILE");
        }

        for (var step = found; step < migrations.Count; step++)
        {
            Execute(connection, "BEGIN IMMEDIATE");
            try
            {
                Execute(connection, migrations[step].Sql);
                Execute(connection, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA user_version = {step + 1}"));
                Execute(connection, "COMMIT");
            }
            catch
            {
                Execute(connection, "ROLLBACK");
                throw;
            }
        }

        Execute(connection, "PRAGMA temp_store = MEMORY");
        return found;
    }

    public static StoreException Newer(string path, int found, int known) => new(
        $"{path} was made by a newer fleet-coordinator (schema {found}, this one knows {known}): " +
        "upgrade the package fleet-coordinator, or restore the backup that was made before the upgrade (docs/operations.md)");

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts of migrations.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)(command.ExecuteScalar() ?? 0L);
    }
}
