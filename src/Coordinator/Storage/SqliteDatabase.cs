using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Storage;

/// <summary>Opens connections to fleet.db with the settings that durability needs.</summary>
internal static class SqliteDatabase
{
    /// <summary>The store's file in the state directory.</summary>
    public const string FileName = "fleet.db";

    private const int NotADatabase = 26;
    private const int Corrupt = 11;

    /// <summary>Opens the file for writing, creates it if needed (mode 0600), checks it and brings it to the newest schema.</summary>
    /// <param name="isDurable">A commit is on the disk before it returns.</param>
    /// <param name="wholeBytes">Files up to this size, in bytes, are checked whole, larger ones in part: <see cref="StoreCheck"/>.</param>
    /// <exception cref="StoreException">It is damaged, from a newer coordinator, or cannot be opened.</exception>
    public static OpenedDatabase OpenForWriting(
        string path, IReadOnlyList<IMigration> migrations, bool isDurable = true, long wholeBytes = StoreCheck.WholeBytes)
    {
        NativeSqlite.EnsureLoaded();
        try
        {
            // SQLite gives the -wal and -shm files the mode of the database, so that must be right before they exist.
            using (new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"{path} cannot be opened: {exception.Message}", exception);
        }

        SqliteConnection? connection = null;
        try
        {
            connection = Connect(path, SqliteOpenMode.ReadWrite);
            Execute(connection, "PRAGMA journal_mode = WAL");

            // FULL: a commit is on the disk before it returns, so that an acknowledgement can be trusted after power loss.
            // NORMAL: the newest commits may be lost with the power, the file's order may not (WAL).
            Execute(connection, isDurable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            var isCheckedWhole = StoreCheck.AtOpening(connection, path, wholeBytes);
            var found = SchemaMigrations.Apply(connection, migrations);
            return new OpenedDatabase(connection, found, isCheckedWhole);
        }
        catch (SqliteException exception) when (MeansDamage(exception))
        {
            connection?.Dispose();
            throw Damaged(path, exception.Message, exception);
        }
        catch (SqliteException exception)
        {
            connection?.Dispose();
            throw new StoreException($"{path} cannot be opened: {exception.Message}", exception);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>A connection that cannot write.</summary>
    public static SqliteConnection OpenForReading(string path)
    {
        NativeSqlite.EnsureLoaded();
        var connection = Connect(path, SqliteOpenMode.ReadWrite);
        Execute(connection, "PRAGMA query_only = ON");
        return connection;
    }

    /// <summary>Checks the whole file, even while a coordinator has it open, and changes nothing.</summary>
    /// <returns>The findings, for people.</returns>
    /// <exception cref="StoreException">It is damaged, or from a newer coordinator.</exception>
    public static string Check(string path)
    {
        NativeSqlite.EnsureLoaded();
        if (!File.Exists(path))
        {
            return $"{path} does not exist yet; the first start makes it";
        }

        try
        {
            using var connection = OpenForReading(path);
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA integrity_check(1)";
            if (command.ExecuteScalar() as string is var answer && answer != "ok")
            {
                throw Damaged(path, answer ?? "no answer from integrity_check", null);
            }

            command.CommandText = "PRAGMA user_version";
            var schema = (long)(command.ExecuteScalar() ?? 0L);
            return schema <= SchemaMigrations.All.Count
                ? $"{path}, schema {schema} of {SchemaMigrations.All.Count}, undamaged"
                : throw SchemaMigrations.Newer(path, (int)schema, SchemaMigrations.All.Count);
        }
        catch (SqliteException exception) when (MeansDamage(exception))
        {
            throw Damaged(path, exception.Message, exception);
        }
        catch (SqliteException exception)
        {
            throw new StoreException($"{path} cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Whether SQLite reports that the file is damaged.</summary>
    public static bool MeansDamage(SqliteException exception) => exception.SqliteErrorCode is NotADatabase or Corrupt;

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA busy_timeout = 10000");
        Execute(connection, "PRAGMA foreign_keys = ON");
        Execute(connection, "PRAGMA temp_store = MEMORY");
        Execute(connection, "PRAGMA cache_size = -16000");
        return connection;
    }

    /// <summary>The exception that says what to do.</summary>
    public static StoreException Damaged(string path, string detail, Exception? exception) => new(
        $"{path} is damaged ({detail}): nothing was changed. Keep a copy of it and of its -wal file, check the disk, and restore " +
        "the newest backup as docs/operations.md describes (\"Restoring the coordinator's store\")",
        exception);

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
