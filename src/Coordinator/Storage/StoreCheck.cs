using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// Looks for damage in a database. A small one is read whole when it is opened. Of a large one, only the tables that do not grow with
/// history are read, so that a start costs the same however much is kept; the whole file is read later, in the background. Damage found
/// then is marked beside the file, so that the next start first reads all of it and refuses it.
/// </summary>
internal static class StoreCheck
{
    /// <summary>Files up to this size, in bytes, are read whole at once, which takes a second from a slow disk.</summary>
    public const long WholeBytes = 64L * 1024 * 1024;

    private static readonly string[] SmallTables =
    [
        "hosts",
        "policies",
        "policy_hosts",
        "operators",
        "join_tokens",
        "trusted_clock",
        "refused_claims",
        "reminders",
        "metric_hosts",
        "metric_series",
    ];

    /// <summary>The file that marks that a check has found damage.</summary>
    public static string MarkOf(string path) => path + ".suspect";

    /// <summary>To be called before anything is written.</summary>
    /// <param name="wholeBytes">Files up to this size, in bytes, are read whole.</param>
    /// <returns>True if all of it was read.</returns>
    /// <exception cref="StoreException">It is damaged.</exception>
    public static bool AtOpening(SqliteConnection connection, string path, long wholeBytes)
    {
        var mark = MarkOf(path);
        var isSuspect = File.Exists(mark);
        if (isSuspect || Size(path) + Size(path + "-wal") <= wholeBytes)
        {
            ThrowUnlessSound(connection, path, "PRAGMA quick_check(1)");
            if (isSuspect)
            {
                // The file was repaired or replaced.
                File.Delete(mark);
            }

            return true;
        }

        foreach (var table in SmallTables.Where(table => Exists(connection, table)))
        {
            ThrowUnlessSound(connection, path, $"PRAGMA quick_check('{table}')");
        }

        return false;
    }

    /// <summary>Reads all of a file that is in use, on a connection of its own. Takes as long as the disk needs.</summary>
    /// <exception cref="StoreException">It is damaged, and is marked so that the next start does not use it.</exception>
    public static void Whole(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var connection = SqliteDatabase.OpenForReading(path);
            using var stop = cancellationToken.Register(() => raw.sqlite3_interrupt(connection.Handle));
            ThrowUnlessSound(connection, path, "PRAGMA quick_check(1)");
        }
        catch (SqliteException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!SqliteDatabase.MeansDamage(exception))
            {
                throw new StoreException($"{path} cannot be checked: {exception.Message}", exception);
            }

            Mark(path, exception.Message);
            throw SqliteDatabase.Damaged(path, exception.Message, exception);
        }
        catch (StoreException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Mark(path, exception.Message);
            throw;
        }
    }

    private static long Size(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private static void Mark(string path, string reason)
    {
        using var file = new FileStream(MarkOf(path), FileMode.Create, FileAccess.Write);
        file.Write(System.Text.Encoding.UTF8.GetBytes(reason + "\n"));
        file.Flush(flushToDisk: true);
    }

    private static bool Exists(SqliteConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $name";
        command.Parameters.AddWithValue("$name", table);
        return (long)command.ExecuteScalar()! > 0;
    }

    private static void ThrowUnlessSound(SqliteConnection connection, string path, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts.
        command.CommandText = sql;
#pragma warning restore CA2100
        if (command.ExecuteScalar() as string is var answer && answer != "ok")
        {
            throw SqliteDatabase.Damaged(path, answer ?? "no answer from quick_check", null);
        }
    }
}
