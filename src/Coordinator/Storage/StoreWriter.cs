using System.Data.Common;
using System.Threading.Channels;
using Fleet.Coordinator.Meters;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// The one writer: a thread that takes commands from a bounded queue and commits many of them at once, which is what makes
/// synchronous commits cheap under load. A command that fails is undone alone (savepoint); every caller continues only
/// after the commit. Writes that may get lost use a second queue, which is served when the first is empty and otherwise gets a small
/// share of the time, so that it neither holds up results nor starves.
/// </summary>
internal sealed partial class StoreWriter : IAsyncDisposable
{
    /// <summary>Most commands in the queue; beyond this, callers wait for room.</summary>
    private const int QueueLength = 4_096;

    /// <summary>One commit contains at most this many commands, and closes when they have taken this long.</summary>
    private const int MaxCommandsPerCommit = 1_024;
    private static readonly TimeSpan MaxTimePerCommit = TimeSpan.FromMilliseconds(50);

    /// <summary>Most background commands that wait; beyond this, their callers wait for room.</summary>
    private const int BackgroundLength = 64;

    /// <summary>The share of a commit's time for the background when nothing else waits.</summary>
    private static readonly TimeSpan BackgroundTimePerCommit = TimeSpan.FromMilliseconds(20);

    /// <summary>While others are always waiting, one background command joins them this often.</summary>
    private static readonly TimeSpan BackgroundTurn = TimeSpan.FromMilliseconds(500);

    private readonly Channel<PendingCommand> _queue = Channel.CreateBounded<PendingCommand>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Channel<PendingCommand> _background = Channel.CreateBounded<PendingCommand>(
        new BoundedChannelOptions(BackgroundLength) { SingleReader = true });

    /// <summary>Signals that something was queued, in either queue.</summary>
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private long _lastBackground;

    /// <summary>While a lost connection is not back, what is queued waits this long; then it fails.</summary>
    private static readonly TimeSpan ReconnectTime = TimeSpan.FromSeconds(20);
    /// <summary>SQLITE_BUSY: another process has the file locked.</summary>
    private const int Busy = 5;
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(250);

    private readonly StoreEngine _engine;
    private readonly IReadOnlyList<IMigration> _migrations;
    private StoreTransaction _transaction;
    private Action<string>? _statements;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<OwnerLostException> _ownerLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private long _head;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="connection">Opened by the engine for writing; closed by this.</param>
    /// <param name="migrations">With which the engine opens the database again after the connection was lost.</param>
    public StoreWriter(
        StoreEngine engine, DbConnection connection, IReadOnlyList<IMigration> migrations, TimeProvider clock, ILogger log)
    {
        _engine = engine;
        _migrations = migrations;
        _clock = clock;
        _log = log;
        _transaction = new StoreTransaction(connection, engine.Dialect, clock);
        ReadLastSequence();
        _thread = new Thread(Loop) { IsBackground = true, Name = "store-writer" };
        _thread.Start();
    }

    /// <summary>
    /// Called with the sequence of the newest event after each commit that recorded events. On the writer's thread, so it must only pass it
    /// on.
    /// </summary>
    public event Action<long>? HeadMoved;

    /// <summary>Sequence of the newest committed event.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>Completes when another coordinator has taken the database: this one can do nothing more.</summary>
    public Task<OwnerLostException> OwnerLost => _ownerLost.Task;

    /// <inheritdoc cref="FleetStore.Statements"/>
    internal void Observe(Action<string>? statements)
    {
        _statements = statements;
        _transaction.Seen = statements;
    }

    /// <summary>Runs a command and waits for its commit.</summary>
    /// <exception cref="StoreException">The store is closed or cannot commit.</exception>
    public Task<T> RunAsync<T>(Func<StoreTransaction, T> command, CancellationToken cancellationToken) =>
        QueueAsync(_queue.Writer, command, cancellationToken);

    /// <summary>
    /// Like <see cref="RunAsync"/>, but after everything else. The command must be small, because it holds up what comes after it.
    /// </summary>
    /// <exception cref="StoreException">The store is closed or cannot commit.</exception>
    public Task<T> RunInBackgroundAsync<T>(Func<StoreTransaction, T> command, CancellationToken cancellationToken) =>
        QueueAsync(_background.Writer, command, cancellationToken);

    private async Task<T> QueueAsync<T>(
        ChannelWriter<PendingCommand> queue, Func<StoreTransaction, T> command, CancellationToken cancellationToken)
    {
        var pending = new PendingCommand<T>(command);
        try
        {
            await queue.WriteAsync(pending, cancellationToken);
            CoordinatorMeter.StoreQueue.Add(1);
            _signal.Writer.TryWrite(true);
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
        _background.Writer.TryComplete();
        _signal.Writer.TryComplete();
        await _closing.CancelAsync();
        await _ended.Task;
        try
        {
            if (_transaction.IsUsable)
            {
                _engine.Release(_transaction.Connection);
            }
        }
        catch (DbException)
        {
            // The next coordinator waits for the end of the lease instead.
        }

        _transaction.Dispose();
        await _transaction.Connection.DisposeAsync();
        _closing.Dispose();
    }

    private void Loop()
    {
        var batch = new List<PendingCommand>(MaxCommandsPerCommit);
        try
        {
            bool open;
            do
            {
                open = WaitForCommand(batch);
                _signal.Reader.TryRead(out _);
                while (_queue.Reader.TryPeek(out _) || _background.Reader.TryPeek(out _))
                {
                    RunBatch(batch);
                    batch.Clear();
                }
            }
            while (open);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>Waits until something is queued, with empty commits where the engine needs them.</summary>
    /// <returns>False: nothing comes any more.</returns>
    private bool WaitForCommand(List<PendingCommand> batch)
    {
        var signal = _signal.Reader.WaitToReadAsync().AsTask();
        if (_engine.LongestSilence is { } silence)
        {
            while (!signal.Wait(silence) && !_ownerLost.Task.IsCompleted)
            {
                RunBatch(batch);
                batch.Clear();
            }
        }

        return signal.GetAwaiter().GetResult();
    }

    private void RunBatch(List<PendingCommand> batch)
    {
        var sequenceBefore = _transaction.LastEventSequence;
        var isConnected = false;
        try
        {
            EnsureConnected();
            isConnected = true;
            sequenceBefore = _transaction.LastEventSequence;
            _transaction.Begin();
            _engine.Prove(_transaction);
            var began = _clock.GetTimestamp();
            while (batch.Count < MaxCommandsPerCommit
                && _clock.GetElapsedTime(began) < MaxTimePerCommit
                && _queue.Reader.TryRead(out var command))
            {
                RunOne(command, batch);
            }

            RunBackground(batch, began);
            _transaction.Execute("COMMIT");
            CoordinatorMeter.StoreCommit.Record(_clock.GetElapsedTime(began).TotalSeconds);
            CoordinatorMeter.StoreCommands.Add(batch.Count);
        }
        catch (Exception exception)
        {
            CommitFailed(_log, batch.Count, exception);
            RollBack(sequenceBefore);
            if (exception is OwnerLostException lost)
            {
                _ownerLost.TrySetResult(lost);
            }

            var isRefused = batch.Count == 0 && exception is not SqliteException { SqliteErrorCode: Busy };
            if (!isConnected || isRefused || _ownerLost.Task.IsCompleted)
            {
                // Nothing that waits has a chance: the database is gone, or takes no transaction at all. One that is locked is waited for.
                while (batch.Count < MaxCommandsPerCommit
                    && (_queue.Reader.TryRead(out var waiting) || _background.Reader.TryRead(out waiting)))
                {
                    CoordinatorMeter.StoreQueue.Add(-1);
                    batch.Add(waiting);
                }
            }

            foreach (var command in batch)
            {
                command.Fail(new StoreException($"the store could not commit: {exception.Message}", exception));
            }

            return;
        }

        TellHead();

        foreach (var action in _transaction.TakeAfterCommit())
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                AfterCommitFailed(_log, exception);
            }
        }

        foreach (var command in batch)
        {
            command.Complete();
        }
    }

    private void RunBackground(List<PendingCommand> batch, long began)
    {
        var othersWait = _queue.Reader.TryPeek(out _);
        if (othersWait && _clock.GetElapsedTime(_lastBackground, began) < BackgroundTurn)
        {
            return;
        }

        var since = _clock.GetTimestamp();
        while (batch.Count < MaxCommandsPerCommit && _background.Reader.TryRead(out var command))
        {
            _lastBackground = since;
            RunOne(command, batch);
            if (_queue.Reader.TryPeek(out _) || _clock.GetElapsedTime(since) >= BackgroundTimePerCommit)
            {
                return;
            }
        }
    }

    private void RunOne(PendingCommand command, List<PendingCommand> batch)
    {
        batch.Add(command);
        CoordinatorMeter.StoreQueue.Add(-1);
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
            // A full disk or a damaged page may have ended the whole transaction: then this throws, too, and all commands fail.
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
        catch (Exception exception) when (exception is DbException or InvalidOperationException)
        {
            // It had already rolled back by itself, or the connection is lost and the server does.
        }
    }

    /// <summary>Opens a lost connection again, while what is queued waits.</summary>
    /// <exception cref="StoreException">It did not come back in time.</exception>
    private void EnsureConnected()
    {
        if (_transaction.IsUsable)
        {
            return;
        }

        var began = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                var opened = Opened();
                _transaction.Dispose();
                _transaction.Connection.Dispose();
                _transaction = opened;
                Reconnected(_log, _engine.Place);

                // The commit that failed may have been made all the same.
                TellHead();
                return;
            }
            catch (StoreException exception) when (exception is not OwnerLostException
                && _clock.GetElapsedTime(began) < ReconnectTime && !_closing.IsCancellationRequested)
            {
                _closing.Token.WaitHandle.WaitOne(ReconnectPause);
            }
        }
    }

    /// <summary>On a new connection, with the sequence of the newest event.</summary>
    private StoreTransaction Opened()
    {
        var transaction = new StoreTransaction(_engine.OpenForWriting(_migrations).Connection, _engine.Dialect, _clock)
        {
            Seen = _statements,
        };
        try
        {
            transaction.LastEventSequence = transaction.Number("SELECT max(sequence) FROM events");
            return transaction;
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException)
        {
            transaction.Dispose();
            transaction.Connection.Dispose();
            throw new StoreException($"{_engine.Place} was lost again: {exception.Message}", exception);
        }
    }

    private void TellHead()
    {
        if (_transaction.LastEventSequence != _head)
        {
            Volatile.Write(ref _head, _transaction.LastEventSequence);
            HeadMoved?.Invoke(_transaction.LastEventSequence);
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

        /// <summary>The command itself failed and was undone; its caller is still notified only after the commit.</summary>
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
