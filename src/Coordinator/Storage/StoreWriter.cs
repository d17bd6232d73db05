using System.Threading.Channels;
using Fleet.Coordinator.Metrics;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// The one writer: a thread that takes commands from a bounded queue and commits many of them at once, which is what makes
/// synchronous commits cheap under load. A command that fails is undone alone (savepoint); every caller goes on only
/// after the commit.
/// </summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    /// <summary>Callers wait for room beyond this.</summary>
    private const int QueueLength = 4_096;

    /// <summary>One commit holds at most this many commands, and closes when they have taken this long.</summary>
    private const int MaxCommandsPerCommit = 1_024;
    private static readonly TimeSpan MaxTimePerCommit = TimeSpan.FromMilliseconds(50);

    private readonly Channel<PendingCommand> _queue = Channel.CreateBounded<PendingCommand>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly SqliteConnection _connection;
    private readonly StoreTransaction _transaction;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private long _head;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StoreWriter(SqliteConnection connection, TimeProvider clock, ILogger log)
    {
        _connection = connection;
        _clock = clock;
        _log = log;
        _transaction = new StoreTransaction(connection, clock);
        ReadLastSequence();
        _thread = new Thread(Loop) { IsBackground = true, Name = "store-writer" };
        _thread.Start();
    }

    /// <summary>Told the sequence of the newest event after each commit that recorded events. On the writer's thread: must only hand on.</summary>
    public event Action<long>? HeadMoved;

    /// <summary>Sequence of the newest committed event.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>Runs a command and waits for its commit.</summary>
    /// <exception cref="StoreException">The store is closed or cannot commit.</exception>
    public async Task<T> RunAsync<T>(Func<StoreTransaction, T> command, CancellationToken cancellationToken)
    {
        var pending = new PendingCommand<T>(command);
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken);
            CoordinatorMeter.StoreQueue.Add(1);
        }
        catch (ChannelClosedException)
        {
            throw new StoreException("the store is closed");
        }

        return await pending.Task;
    }

    /// <summary>Runs what is queued, then ends the thread and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _ended.Task;
        _transaction.Dispose();
        await _connection.DisposeAsync();
    }

    private void Loop()
    {
        var batch = new List<PendingCommand>(MaxCommandsPerCommit);
        try
        {
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                RunBatch(batch);
                batch.Clear();
            }
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    private void RunBatch(List<PendingCommand> batch)
    {
        var sequenceBefore = _transaction.LastEventSequence;
        try
        {
            _transaction.Execute("BEGIN IMMEDIATE");
            var began = _clock.GetTimestamp();
            while (batch.Count < MaxCommandsPerCommit
                && _clock.GetElapsedTime(began) < MaxTimePerCommit
                && _queue.Reader.TryRead(out var command))
            {
                batch.Add(command);
                CoordinatorMeter.StoreQueue.Add(-1);
                RunOne(command);
            }

            _transaction.Execute("COMMIT");
            CoordinatorMeter.StoreCommit.Record(_clock.GetElapsedTime(began).TotalSeconds);
            CoordinatorMeter.StoreCommands.Add(batch.Count);
        }
        catch (Exception exception)
        {
            StoreLog.CommitFailed(_log, batch.Count, exception);
            RollBack(sequenceBefore);
            foreach (var command in batch)
            {
                command.Fail(new StoreException($"the store could not commit: {exception.Message}", exception));
            }

            return;
        }

        if (_transaction.LastEventSequence != sequenceBefore)
        {
            Volatile.Write(ref _head, _transaction.LastEventSequence);
            HeadMoved?.Invoke(_transaction.LastEventSequence);
        }

        foreach (var action in _transaction.TakeAfterCommit())
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                StoreLog.AfterCommitFailed(_log, exception);
            }
        }

        foreach (var command in batch)
        {
            command.Complete();
        }
    }

    private void RunOne(PendingCommand command)
    {
        var sequence = _transaction.LastEventSequence;
        var mark = _transaction.Mark();
        _transaction.BeginCommand();
        _transaction.Execute("SAVEPOINT command");
        try
        {
            command.Run(_transaction);
            _transaction.Execute("RELEASE command");
        }
        catch (Exception exception)
        {
            // A full disk or a damaged page may have ended the whole transaction: then this throws too, and all fail.
            _transaction.Execute("ROLLBACK TO command");
            _transaction.Execute("RELEASE command");
            _transaction.LastEventSequence = sequence;
            _transaction.ForgetSince(mark);
            command.Refuse(exception);
        }
    }

    private void RollBack(long sequenceBefore)
    {
        _ = _transaction.TakeAfterCommit();
        _transaction.LastEventSequence = sequenceBefore;
        try
        {
            _transaction.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite had already rolled back by itself.
        }
    }

    private void ReadLastSequence()
    {
        _transaction.LastEventSequence = _transaction.Number("SELECT max(sequence) FROM events");
        _head = _transaction.LastEventSequence;
    }

    private abstract class PendingCommand
    {
        public abstract void Run(StoreTransaction transaction);

        /// <summary>The command itself failed and was undone; its caller still hears only after the commit.</summary>
        public abstract void Refuse(Exception exception);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class PendingCommand<T>(Func<StoreTransaction, T> command) : PendingCommand
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _refusal;

        public Task<T> Task => _completion.Task;

        public override void Run(StoreTransaction transaction) => _result = command(transaction);

        public override void Refuse(Exception exception) => _refusal = exception;

        public override void Complete()
        {
            if (_refusal is null)
            {
                _completion.TrySetResult(_result!);
            }
            else
            {
                _completion.TrySetException(_refusal);
            }
        }

        public override void Fail(Exception exception) => _completion.TrySetException(exception);
    }
}
