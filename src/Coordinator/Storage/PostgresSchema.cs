using Npgsql;

namespace Fleet.Coordinator.Storage;

/// <summary>Brings a database of PostgreSQL to the newest schema: the same numbered steps as SQLite, each in a transaction.</summary>
internal static class PostgresSchema
{
    /// <summary>Any number, as long as it is always this one: who migrates waits for who does so already.</summary>
    private const string Lock = "SELECT pg_advisory_xact_lock(7443)";

    private const string Versions =
        "CREATE TABLE IF NOT EXISTS schema_versions (purpose text PRIMARY KEY, version bigint NOT NULL)";

    /// <summary>Makes the tables that stand outside the numbered steps, and compares the schema number.</summary>
    /// <returns>The schema number that the database has.</returns>
    /// <exception cref="StoreException">The database was made by a newer coordinator.</exception>
    public static int Prepare(NpgsqlConnection connection, string purpose, int known, string place)
    {
        using var transaction = connection.BeginTransaction();
        Execute(connection, Lock);
        Execute(connection, Versions);
        Execute(connection, PostgresLease.Table);
        var found = Version(connection, purpose);
        transaction.Commit();
        return found <= known ? found : throw SchemaMigrations.Newer(place, found, known);
    }

    /// <summary>The schema number of a database that may be empty. Changes nothing.</summary>
    public static int Find(NpgsqlConnection connection, string purpose)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT to_regclass('schema_versions') IS NOT NULL";
        return command.ExecuteScalar() is true ? Version(connection, purpose) : 0;
    }

    /// <summary>Runs the steps that the database has not had.</summary>
    /// <returns>The schema number that the database has now: more than the steps if a newer coordinator made it.</returns>
    public static int Apply(NpgsqlConnection connection, string purpose, IReadOnlyList<IMigration> migrations)
    {
        for (var step = Version(connection, purpose); step < migrations.Count; step++)
        {
            using var transaction = connection.BeginTransaction();
            Execute(connection, Lock);
            if (Version(connection, purpose) == step)
            {
                Execute(connection, migrations[step].PostgresSql);
                Execute(
                    connection,
                    """
                    INSERT INTO schema_versions (purpose, version) VALUES (@purpose, @version)
                    ON CONFLICT (purpose) DO UPDATE SET version = excluded.version
                    """,
                    ("purpose", purpose),
                    ("version", step + 1L));
            }

            transaction.Commit();
        }

        return Version(connection, purpose);
    }

    private static int Version(NpgsqlConnection connection, string purpose)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT version FROM schema_versions WHERE purpose = @purpose";
        command.Parameters.AddWithValue("purpose", purpose);
        return (int)(command.ExecuteScalar() as long? ?? 0);
    }

    private static void Execute(NpgsqlConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts of migrations.
        command.CommandText = sql;
#pragma warning restore CA2100

        // A step may sort millions of rows.
        command.CommandTimeout = 0;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
