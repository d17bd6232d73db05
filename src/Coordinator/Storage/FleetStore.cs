using System.Collections.Concurrent;
using System.Data.Common;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// The coordinator's database: one writer with group commit (<see cref="StoreWriter"/>) and a few connections that read. A read sees the
/// newest commit and never waits for the writer.
/// </summary>
internal sealed partial class FleetStore : IAsyncDisposable
{
    private const int ReadConnections = 4;
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(30);

    private readonly StoreWriter _writer;
    private readonly ConcurrentBag<StoreReader> _readers = [];
    private readonly SemaphoreSlim _freeReaders = new(ReadConnections, ReadConnections);
    private readonly StoreEngine _engine;
    private bool _disposed;

    private FleetStore(StoreEngine engine, OpenedDatabase opened, StoreWriter writer)
    {
        _engine = engine;
        _writer = writer;
        FoundSchema = opened.FoundSchema;
        IsCheckedWhole = opened.IsCheckedWhole;
    }

    /// <summary>Schema number that the database had when it was opened.</summary>
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

    /// <inheritdoc cref="StoreEngine.Place"/>
    public string Place => _engine.Place;

    /// <inheritdoc cref="StoreEngine.WhatToDo"/>
    public string WhatToDo => _engine.WhatToDo;

    /// <inheritdoc cref="StoreWriter.OwnerLost"/>
    public Task<OwnerLostException> OwnerLost => _writer.OwnerLost;

    /// <inheritdoc cref="StoreEngine.IsSuspect"/>
    public bool IsSuspect => _engine.IsSuspect;

    /// <summary>Opens the database and brings it to the newest schema.</summary>
    /// <exception cref="StoreException">It is damaged, from a newer coordinator, or cannot be opened.</exception>
    public static FleetStore Open(StoreEngine engine, TimeProvider clock, ILogger log) =>
        Open(engine, SchemaMigrations.All, clock, log);

    internal static FleetStore Open(StoreEngine engine, IReadOnlyList<IMigration> migrations, TimeProvider clock, ILogger log)
    {
        var opened = engine.OpenForWriting(migrations);
        if (opened.FoundSchema != migrations.Count)
        {
            Migrated(log, engine.Place, opened.FoundSchema, migrations.Count);
        }

        return new FleetStore(engine, opened, new StoreWriter(engine, opened.Connection, migrations, clock, log));
    }

    /// <inheritdoc cref="StoreEngine.CheckWhole"/>
    public void CheckWhole(CancellationToken cancellationToken) => _engine.CheckWhole(cancellationToken);

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
            if (await FreeReaderAsync() is { } kept)
            {
                try
                {
                    return await ReadAsync(kept, query);
                }
                catch (StoreException) when (!kept.IsUsable)
                {
                    // The connection was lost while nobody used it: a new one may do.
                }
            }

            return await ReadAsync(new StoreReader(_engine.OpenForReading(), _engine.Dialect), query);
        }
        finally
        {
            _freeReaders.Release();
        }
    }

    private async Task<StoreReader?> FreeReaderAsync()
    {
        while (_readers.TryTake(out var reader))
        {
            if (reader.IsUsable)
            {
                return reader;
            }

            await CloseAsync(reader);
        }

        return null;
    }

    /// <exception cref="StoreException">The connection was lost.</exception>
    private async Task<T> ReadAsync<T>(StoreReader reader, Func<StoreReader, T> query)
    {
        reader.Seen = Statements;
        try
        {
            return reader.InSnapshot(query);
        }
        catch (Exception exception) when (
            !reader.IsUsable && exception is (DbException or InvalidOperationException or IOException))
        {
            throw new StoreException($"{Place} was lost: {exception.Message}", exception);
        }
        finally
        {
            if (reader.IsUsable)
            {
                _readers.Add(reader);
            }
            else
            {
                await CloseAsync(reader);
            }
        }
    }

    private static async Task CloseAsync(StoreReader reader)
    {
        reader.Dispose();
        await reader.Connection.DisposeAsync();
    }

    /// <summary>Commits what is queued and closes the database.</summary>
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
            await CloseAsync(reader);
        }
    }
}
