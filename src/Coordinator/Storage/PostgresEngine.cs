using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace Fleet.Coordinator.Storage;

/// <summary>A database of PostgreSQL, 15 or newer.</summary>
/// <param name="connectionString">As Npgsql takes it; several hosts are separated by commas, and the one that can write is used.</param>
/// <param name="purpose">Whose tables: each purpose has a schema number of its own.</param>
/// <param name="lease">Taken by the durable one of the engines that share a database.</param>
/// <param name="isDurable">A commit is on the disk, and on a synchronous standby, before it returns.</param>
internal sealed class PostgresEngine(string connectionString, string purpose, PostgresLease lease, bool isDurable) : StoreEngine
{
    /// <summary>The oldest version that is tested, as server_version_num has it.</summary>
    private const int OldestVersion = 150_000;

    private readonly NpgsqlConnectionStringBuilder _settings = Settings(connectionString);

    private string Purpose => purpose;

    public override string Place => $"{_settings.Database} on {_settings.Host}";

    public override string WhatToDo =>
        $"is PostgreSQL on {_settings.Host} running, with room on its disk? On the coordinator: journalctl -u fleet-coordinator";

    public override SqlDialect Dialect => PostgresDialect.Instance;

    public override OpenedDatabase OpenForWriting(IReadOnlyList<IMigration> migrations)
    {
        var connection = Connect();
        try
        {
            Check(connection);
            Execute(connection, isDurable
                ? "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> 'remote_apply'"
                : "SET synchronous_commit = off");
            PostgresLease.Limit(connection);
            if (isDurable && lease.Epoch > 0)
            {
                // After a reconnection: a coordinator that was replaced has no further questions.
                lease.Take(connection, Place);
            }

            var found = PostgresSchema.Prepare(connection, purpose, migrations.Count, Place);
            if (isDurable)
            {
                // Before the schema is changed: it is still in use as long as another coordinator has the lease.
                lease.Take(connection, Place);
            }

            if (PostgresSchema.Apply(connection, purpose, migrations) is var known && known > migrations.Count)
            {
                // A newer release has migrated while this one waited for the lease.
                Release(connection);
                throw SchemaMigrations.Newer(Place, known, migrations.Count);
            }

            return new OpenedDatabase(connection, found, IsCheckedWhole: true);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or IOException)
        {
            connection.Dispose();
            throw CannotOpen(exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Looks whether a coordinator could use the database, also while one does, and changes nothing.</summary>
    /// <returns>What was found, for people.</returns>
    /// <exception cref="StoreException">It cannot be used.</exception>
    public static string Check(string connectionString)
    {
        var engine = new PostgresEngine(connectionString, "fleet", new PostgresLease("", static _ => { }), isDurable: true);
        using var connection = engine.Connect();
        try
        {
            engine.Check(connection);
            var found = PostgresSchema.Find(connection, engine.Purpose);
            return found <= SchemaMigrations.All.Count
                ? $"{engine.Place}, PostgreSQL {Text(connection, "SHOW server_version")}, schema {found} of {SchemaMigrations.All.Count}"
                : throw SchemaMigrations.Newer(engine.Place, found, SchemaMigrations.All.Count);
        }
        catch (NpgsqlException exception)
        {
            throw engine.CannotOpen(exception);
        }
    }

    public override DbConnection OpenForReading() => Connect();

    public override void Prove(StoreTransaction transaction)
    {
        if (isDurable)
        {
            lease.Prove(transaction, Place);
        }
        else
        {
            lease.Look(transaction, Place);
        }
    }

    public override TimeSpan? LongestSilence => isDurable ? PostgresLease.LongestSilence : null;

    public override void Release(DbConnection connection)
    {
        if (isDurable)
        {
            lease.Release(connection);
        }
    }

    private static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        // Those that are given come later, and count. Npgsql finds the host that can write only with its pool on; connections of the
        // store are few and are never given back.
        var settings = new NpgsqlConnectionStringBuilder($"Timeout=5;Command Timeout=30;Keepalive=10;{connectionString}")
        {
            ApplicationName = "fleet-coordinator",
            Pooling = true,
            // After the time limit of a statement the connection is given up. To cancel would be worse: a commit that waits for its
            // synchronous standby succeeds when it is cancelled, and is not on the standby.
            CancellationTimeout = -1,
            MaxAutoPrepare = 256,
            AutoPrepareMinUsages = 2,
        };
        if (settings.Host?.Contains(',', StringComparison.Ordinal) == true)
        {
            settings.TargetSessionAttributes = "primary";
        }

        return settings;
    }

    private NpgsqlConnection Connect()
    {
        var connection = new NpgsqlConnection(_settings.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (Exception exception) when (
            exception is NpgsqlException or SocketException or IOException or TimeoutException or InvalidOperationException
                or ArgumentException)
        {
            connection.Dispose();
            throw CannotOpen(exception);
        }
    }

    private void Check(NpgsqlConnection connection)
    {
        if (int.Parse(Text(connection, "SHOW server_version_num"), CultureInfo.InvariantCulture) < OldestVersion)
        {
            throw new StoreException($"{Place} is PostgreSQL {Text(connection, "SHOW server_version")}: 15 or newer is needed");
        }

        if (Text(connection, "SHOW server_encoding") is not "UTF8" and var encoding)
        {
            throw new StoreException($"{Place} has the encoding {encoding}: create the database with ENCODING 'UTF8'");
        }

        if (Text(connection, "SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE current_setting('transaction_read_only') END")
            is not "off" and var state)
        {
            throw new StoreException(state == "standby"
                ? $"{Place} is a standby, which cannot be written to: name the primary too (Host=one,two), or promote it"
                : $"{Place} is read-only (default_transaction_read_only)");
        }
    }

    private StoreException CannotOpen(Exception exception) => new(
        exception is PostgresException { SqlState: var state }
            && state is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
            ? $"{Place} refuses the user {_settings.Username}: {Message(exception)}. Check the user, and the password in the file that "
                + "database.password_file names"
            : $"{Place} cannot be opened: {Message(exception)}",
        exception);

    private static string Message(Exception exception) =>
        exception is PostgresException postgres ? postgres.MessageText : exception.InnerException?.Message ?? exception.Message;

    private static string Text(NpgsqlConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (string)command.ExecuteScalar()!;
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
