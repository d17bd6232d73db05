using Fleet.Agent.Configuration;
using Fleet.Agent.Journal;
using Fleet.Agent.Logging;
using Fleet.Agent.Storage;
using Fleet.Schedules;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.History;

/// <summary>
/// What this host did, beyond what the journal remembers: a projection of it, written after the journal has the fact and rebuilt from it
/// where it is damaged. It never delays a run and nothing depends on it: whatever goes wrong here is reported and tried again. The one
/// writer of the folder. Thread-safe.
/// </summary>
internal sealed partial class RunHistory(
    RunJournal journal, HistoryFolder folder, Func<HistoryLimits> limits, Action<string> tell, TimeProvider time, ILogger logger)
        : IDisposable
{
    /// <summary>The history leaves this much to what matters more.</summary>
    public const long LeastFreeBytes = 8L << 20;

    private const int BatchSize = 32;

    /// <summary>
    /// A few runs reach it: one opening of LiteDB's file takes 96 KiB in one piece, which only a full collection gives back.
    /// </summary>
    private const long GiveBackBytes = 128L << 10;
    private static readonly TimeSpan QuestionWaits = TimeSpan.FromSeconds(5);

    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10), Random.Shared);
    private readonly SemaphoreSlim _files = new(1);
    private readonly Lock _gate = new();
    private readonly Queue<RunKey> _waiting = [];
    private TaskCompletionSource _added = NewSignal();

    /// <summary>False if the journal may hold attempts that the files lack.</summary>
    private bool _complete;

    private string _problem = "";
    private long _allocatedBytes = GC.GetTotalAllocatedBytes();

    /// <summary>Why nothing can be written now. Empty if it can.</summary>
    public string Problem => Volatile.Read(ref _problem);

    /// <summary>Attempts that are not in the files yet, as far as they are known.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>The journal has the result of an attempt. Returns at once.</summary>
    public void Add(RunKey key)
    {
        lock (_gate)
        {
            _waiting.Enqueue(key);
            if (_waiting.Count > RunJournal.MaxEnded)
            {
                // More than the journal remembers.
                _waiting.Dequeue();
            }

            _added.TrySetResult();
        }
    }

    /// <summary>Writes what was added, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            Task added;
            lock (_gate)
            {
                added = _added.Task;
            }

            await added.WaitAsync(cancellationToken);
            lock (_gate)
            {
                _added = NewSignal();
            }

            await _files.WaitAsync(cancellationToken);
            var written = false;
            try
            {
                written = TryWrite(cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // A bug; the agent continues without a history.
                LogBug(e);
                Fail(e.Message);
            }
            finally
            {
                GiveBack();
                _files.Release();
            }

            failures = written ? 0 : failures + 1;
            if (!written)
            {
                await Task.Delay(_backoff.After(failures), time, cancellationToken);
                lock (_gate)
                {
                    _added.TrySetResult();
                }
            }
        }
    }

    /// <summary>Asks the files, after what is missing in them was written, if that can be done.</summary>
    /// <exception cref="TimeoutException">They are busy.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task<T> AskAsync<T>(Func<HistoryReader, T> question, CancellationToken cancellationToken)
    {
        if (!await _files.WaitAsync(QuestionWaits, cancellationToken))
        {
            throw new TimeoutException("the history is busy: try again");
        }

        try
        {
            while (true)
            {
                var isWritten = TryWrite(cancellationToken);
                List<HistoryDamageException> damaged = [];
                var answer = question(new HistoryReader(folder, isWritten ? [] : Remembered(), damaged.Add));
                if (damaged.Count == 0 || !damaged.TrueForAll(d => File.Exists(d.Path)))
                {
                    return answer;
                }

                foreach (var file in damaged.DistinctBy(static d => d.Path))
                {
                    PutAside(file);
                }
            }
        }
        finally
        {
            GiveBack();
            _files.Release();
        }
    }

    public void Dispose() => _files.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Gives the memory of closed files back. The agent allocates so little besides that it would otherwise keep LiteDB's pages for hours.
    /// </summary>
    private void GiveBack()
    {
        if (GC.GetTotalAllocatedBytes() - _allocatedBytes >= GiveBackBytes)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _allocatedBytes = GC.GetTotalAllocatedBytes();
        }
    }

    /// <summary>Documents of what the journal holds.</summary>
    private List<BsonDocument> Remembered() =>
        [.. journal.Ended.Select(k => journal.Result(k)).OfType<Protocol.V1.RunFinished>().Select(HistoryDocument.Of)
            .OfType<BsonDocument>()];

    /// <summary>False if it has to be tried again.</summary>
    private bool TryWrite(CancellationToken cancellationToken)
    {
        // Each round sets one file aside, or is the last one.
        for (var rounds = 0; ; rounds++)
        {
            List<RunKey> keys;
            lock (_gate)
            {
                keys = [.. _waiting];
                _waiting.Clear();
            }

            try
            {
                Write(keys, cancellationToken);
                _complete = true;
                if (_problem.Length > 0)
                {
                    Volatile.Write(ref _problem, "");
                    LogGood();
                }

                return true;
            }
            catch (HistoryDamageException e) when (rounds < HistoryFileName.MaxPart && HasRoom() && File.Exists(e.Path))
            {
                _complete = false;
                PutAside(e);
            }
            catch (Exception e) when (e is HistoryDamageException or IOException or UnauthorizedAccessException)
            {
                _complete = false;
                Fail(e.Message);
                return false;
            }
            catch
            {
                // Cancelled, or a bug: what was taken out of the queue is found in the journal again.
                _complete = false;
                throw;
            }
        }
    }

    private void Write(List<RunKey> keys, CancellationToken cancellationToken)
    {
        if (!_complete)
        {
            keys = Missing();
        }

        if (keys.Count == 0)
        {
            return;
        }

        DurableFile.CreateFolder(folder.Path);
        if (!HasRoom())
        {
            throw new IOException($"less than {LeastFreeBytes >> 20} MiB is free, which the history leaves for results");
        }

        var now = time.GetUtcNow();
        var oldest = now - limits().MaxAge;
        foreach (var batch in keys.Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var current = folder.Current(now, limits());
            folder.CloseOthers(current);
            using (var file = HistoryFile.OpenForWriting(folder.PathOf(current)))
            {
                file.Add(
                    batch.Select(k => journal.Result(k)).OfType<Protocol.V1.RunFinished>().Select(HistoryDocument.Of).OfType<BsonDocument>()
                    .Where(d => HistoryDocument.FinishedAt(d) >= oldest));
            }

            folder.Sync(current);
            folder.Drop(current, now, limits());
        }
    }

    /// <summary>What the journal holds and the files do not.</summary>
    private List<RunKey> Missing()
    {
        var missing = journal.Ended.ToDictionary(HistoryDocument.IdOf);
        foreach (var file in folder.Files().TakeWhile(_ => missing.Count > 0))
        {
            using var open = HistoryFile.OpenForReading(folder.PathOf(file));
            foreach (var id in open.Ids())
            {
                missing.Remove(id);
            }
        }

        return [.. missing.Values];
    }

    private bool HasRoom() => new DriveInfo(folder.Path).AvailableFreeSpace >= LeastFreeBytes;

    private void PutAside(HistoryDamageException damage)
    {
        _complete = false;
        folder.PutAside(damage.Path, time.GetUtcNow());
        var text = $"the history of runs is damaged: {LogText.Escape(damage.Message)}; the file is kept as *{HistoryFolder.Aside}, and "
            + $"what the journal still holds is written again";
        LogDamaged(text);
        tell(text);
    }

    private void Fail(string message)
    {
        var problem = LogText.Escape(message);
        if (_problem.Length == 0)
        {
            LogFails(problem);
        }

        Volatile.Write(ref _problem, problem);
    }
}
