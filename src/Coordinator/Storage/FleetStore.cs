using System.Collections.Concurrent;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// fleet.db: one writer with group commit (<see cref="StoreWriter"/>) and a few connections that read. A read sees the newest
/// commit and never waits for the writer (WAL).
/// </summary>
internal sealed partial class FleetStore : IAsyncDisposable
{
    private const int ReadConnections = 4;
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(30);

    private readonly StoreWriter _writer;
    private readonly ConcurrentBag<StoreReader> _readers = [];
    private readonly SemaphoreSlim _freeReaders = new(ReadConnections, ReadConnections);
    private readonly string _path;
    private bool _disposed;

    private FleetStore(string path, OpenedDatabase opened, StoreWriter writer)
    {
        _path = path;
        _writer = writer;
        FoundSchema = opened.FoundSchema;
        IsCheckedWhole = opened.IsCheckedWhole;
    }

    /// <summary>Schema number that the file had when it was opened.</summary>
    public int FoundSchema { get; }

    /// <inheritdoc cref="OpenedDatabase"/>
    public bool IsCheckedWhole { get; }

    /// <summary>Called with the text of each statement before it runs, on the thread that runs it. For tests.</summary>
    internal Action<string>? Statements
    {
        get;
        set
        {
            field = value;
            _writer.Observe(value);
        }
    }

    /// <inheritdoc cref="StoreWriter.HeadMoved"/>
    public event Action<long>? EventsCommitted
    {
        add => _writer.HeadMoved += value;
        remove => _writer.HeadMoved -= value;
    }

    /// <inheritdoc cref="StoreWriter.Head"/>
    public long LastEventSequence => _writer.Head;

    /// <summary>Absolute path of the file.</summary>
    public string Path => _path;

    /// <summary>Opens fleet.db in a state directory that this process holds.</summary>
    /// <exception cref="StoreException">It is damaged, from a newer coordinator, or cannot be opened.</exception>
    public static FleetStore Open(StateDirectory directory, TimeProvider clock, ILogger<FleetStore> log) =>
        Open(directory.FilePath(SqliteDatabase.FileName), SchemaMigrations.All, clock, log);

    internal static FleetStore Open(
        string path, IReadOnlyList<IMigration> migrations, TimeProvider clock, ILogger log, long wholeBytes = StoreCheck.WholeBytes)
    {
        var opened = SqliteDatabase.OpenForWriting(path, migrations, wholeBytes);
        if (opened.FoundSchema != migrations.Count)
        {
            Migrated(log, path, opened.FoundSchema, migrations.Count);
        }

        return new FleetStore(path, opened, new StoreWriter(opened.Connection, clock, log));
    }

    /// <summary>Runs a command in a transaction; returns when it is durable. If it throws, nothing of it stays.</summary>
    /// <param name="command">Must be synchronous and quick, because it holds up every other writer.</param>
    public Task<T> WriteAsync<T>(Func<StoreTransaction, T> command, CancellationToken cancellationToken = default) =>
        _writer.RunAsync(command, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<StoreTransaction> command, CancellationToken cancellationToken = default) =>
        _writer.RunAsync(
            transaction =>
            {
                command(transaction);
                return true;
            },
            cancellationToken);

    /// <summary>
    /// Like <see cref="WriteAsync{T}"/>, for writes that may wait for everything else and may get lost:
    /// <see cref="StoreWriter.RunInBackgroundAsync"/>.
    /// </summary>
    public Task<T> WriteInBackgroundAsync<T>(Func<StoreTransaction, T> command, CancellationToken cancellationToken = default) =>
        _writer.RunInBackgroundAsync(command, cancellationToken);

    /// <summary>Runs a query on one consistent snapshot.</summary>
    public async Task<T> ReadAsync<T>(Func<StoreReader, T> query, CancellationToken cancellationToken = default)
    {
        if (!await _freeReaders.WaitAsync(ReadTimeout, cancellationToken))
        {
            throw new StoreException("no read connection became free within 30 s");
        }

        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_readers.TryTake(out var reader))
            {
                reader = new StoreReader(SqliteDatabase.OpenForReading(_path));
            }

            reader.Seen = Statements;
            try
            {
                return reader.InSnapshot(query);
            }
            finally
            {
                _readers.Add(reader);
            }
        }
        finally
        {
            _freeReaders.Release();
        }
    }

    /// <summary>Commits what is queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _writer.DisposeAsync();
        foreach (var reader in _readers)
        {
            reader.Dispose();
            await reader.Connection.DisposeAsync();
        }
    }
}
