using System.Data;
using System.Data.Common;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// One connection in use: a snapshot for reading, or (<see cref="StoreTransaction"/>) the writer. Prepared statements are kept
/// by their text, so texts should be constants; values are parameters ("$name"). Used by one thread at a time.
/// </summary>
internal class StoreReader(DbConnection connection, SqlDialect dialect) : IDisposable
{
    private const int MaxPrepared = 256;

    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);

    public DbConnection Connection { get; } = connection;

    /// <summary>False after the connection was lost: it does not come back.</summary>
    public bool IsUsable => Connection.State is ConnectionState.Open;

    protected SqlDialect Dialect { get; } = dialect;

    /// <inheritdoc cref="FleetStore.Statements"/>
    internal Action<string>? Seen { get; set; }

    /// <summary>Every row of a query, mapped.</summary>
    /// <param name="map">Must not use the same text again while it reads.</param>
    public List<T> Query<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Command(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    /// <summary>Rows of a query, mapped, up to and including the one that is enough: further rows are not read.</summary>
    /// <param name="map">Must not use the same text again while it reads.</param>
    public List<T> QueryUntil<T>(
        string sql, Func<DbDataReader, T> map, Func<T, bool> isEnough, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Command(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(map(reader));
            if (isEnough(rows[^1]))
            {
                break;
            }
        }

        return rows;
    }

    /// <summary>The first row of a query, mapped; default if there is none.</summary>
    public T? First<T>(string sql, Func<DbDataReader, T> map, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Command(sql, parameters).ExecuteReader();
        return reader.Read() ? map(reader) : default;
    }

    /// <summary>The first column of the first row as a number; 0 if there is no row or it is NULL.</summary>
    public long Number(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        First(sql, static row => row.IsDBNull(0) ? 0 : row.GetInt64(0), parameters);

    /// <summary>Size of the database in bytes, without its write-ahead log.</summary>
    public long SizeBytes() => Number(Dialect.SelectSizeBytes);

    /// <summary>Runs a query on one state of the store, whatever is committed in between.</summary>
    public T InSnapshot<T>(Func<StoreReader, T> query)
    {
        Run(Dialect.BeginRead);
        try
        {
            return query(this);
        }
        finally
        {
            if (IsUsable)
            {
                Run("ROLLBACK");
            }
        }
    }

    /// <summary>Disposes the prepared statements, not the connection.</summary>
    public void Dispose()
    {
        Forget();
        GC.SuppressFinalize(this);
    }

    protected DbCommand Command(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        Seen?.Invoke(sql);
        if (!_prepared.TryGetValue(sql, out var command))
        {
            if (_prepared.Count >= MaxPrepared)
            {
                Forget();
            }

            command = Connection.CreateCommand();
#pragma warning disable CA2100 // Texts are constants or built from constants; values are always parameters.
            command.CommandText = Dialect.Translate(sql);
#pragma warning restore CA2100
            _prepared.Add(sql, command);
        }

        command = Dialect.Use(command);
        foreach (var (name, value) in parameters)
        {
            Dialect.Add(command, name, value);
        }

        return command;
    }

    private void Run(string sql) => Command(sql, []).ExecuteNonQuery();

    private void Forget()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _prepared.Clear();
    }
}
