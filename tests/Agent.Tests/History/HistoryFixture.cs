using System.Collections.Concurrent;
using Fleet.Agent.Configuration;
using Fleet.Agent.History;
using Fleet.Agent.Journal;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using LiteDB;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Agent.Tests.History;

/// <summary>A journal and the history of it, in one folder.</summary>
internal sealed class HistoryFixture : IDisposable
{
    private readonly string _folder;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public HistoryFixture(string folder, FakeTimeProvider? clock = null)
    {
        _folder = folder;
        Clock = clock ?? new FakeTimeProvider(new DateTimeOffset(2026, 11, 10, 4, 0, 0, TimeSpan.Zero));
        Journal = RunJournal.Open(Path.Join(folder, "journal"), "boot", out _);
        Folder = new HistoryFolder(Path.Join(folder, HistoryFolder.Name));
        History = new RunHistory(Journal, Folder, () => Limits, Told.Enqueue, Clock, NullLogger.Instance);
    }

    /// <summary>Begins at 2026-11-10.</summary>
    public FakeTimeProvider Clock { get; }

    public HistoryLimits Limits { get; set; } = HistoryLimits.Default;

    public RunJournal Journal { get; }

    public HistoryFolder Folder { get; }

    public RunHistory History { get; }

    /// <summary>Notices to the coordinator.</summary>
    public ConcurrentQueue<string> Told { get; } = [];

    public static RunFinished Result(string run, DateTimeOffset at, string policy = "nightly", ActionOutcome outcome = ActionOutcome.Succeeded, int attempt = 1, string action = "rsync") => new()
    {
        RunId = RunIds.Of(run),
        Attempt = attempt,
        Policy = policy,
        PolicyRevision = 3,
        Trigger = RunTrigger.Schedule,
        Action = action,
        ScheduledAt = Timestamp.FromDateTimeOffset(at - TimeSpan.FromMinutes(2)),
        Result = new ActionResult
        {
            Outcome = outcome,
            Message = $"message of {run}",
            StartedAt = Timestamp.FromDateTimeOffset(at - TimeSpan.FromMinutes(1)),
            FinishedAt = Timestamp.FromDateTimeOffset(at),
            Duration = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)),
        },
    };

    public void Run() => _loop = Task.Run(() => History.RunAsync(_stop.Token));

    /// <summary>An attempt ends now: into the journal, and its key to the history.</summary>
    public RunFinished End(string run, string policy = "nightly", ActionOutcome outcome = ActionOutcome.Succeeded, int attempt = 1, int tailBytes = 0)
    {
        var finished = Result(run, Clock.GetUtcNow(), policy, outcome, attempt);
        for (var left = tailBytes; left > 0; left -= 256)
        {
            finished.Result.LogTail.Add(new LogLine { Number = finished.Result.LogTail.Count + 1, Stream = LogStream.Stdout, Text = new string('x', 256) });
        }

        Journal.Finish(finished);
        Journal.MarkDelivered(new RunKey(RunIds.Of(run), attempt));
        History.Add(new RunKey(RunIds.Of(run), attempt));
        return finished;
    }

    public Task<IReadOnlyList<BsonDocument>> RunsAsync(HistoryFilter? filter = null) =>
        History.AskAsync(r => r.Runs(filter ?? HistoryFilter.Any with { Limit = HistoryFilter.MaxLimit }, CancellationToken.None), TestContext.Current.CancellationToken);

    /// <summary>Messages of what the history has, the newest first.</summary>
    public async Task<IReadOnlyList<string>> MessagesAsync(HistoryFilter? filter = null) => [.. (await RunsAsync(filter)).Select(r => r["message"].AsString)];

    /// <summary>What the files alone say.</summary>
    public IReadOnlyList<string> InFiles() =>
        [.. new HistoryReader(Folder, [], e => throw e).Runs(HistoryFilter.Any with { Limit = HistoryFilter.MaxLimit }, CancellationToken.None).Select(d => d["message"].AsString)];

    /// <summary>Whether the files have as many. While the loop writes beside it, they read as damaged: not yet.</summary>
    public bool AreInFiles(int count)
    {
        try
        {
            return InFiles().Count == count;
        }
        catch (HistoryDamageException)
        {
            return false;
        }
    }

    public string File(string name = "history-2026-11.db") => Path.Join(Folder.Path, name);

    /// <summary>The same files, as after a crash.</summary>
    public HistoryFixture Restart()
    {
        Dispose();
        return new HistoryFixture(_folder, Clock) { Limits = Limits };
    }

    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _loop.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
        }
        catch (AggregateException e) when (e.InnerException is OperationCanceledException)
        {
            // Asked for.
        }

        _stop.Dispose();
        History.Dispose();
        Journal.Dispose();
    }
}
