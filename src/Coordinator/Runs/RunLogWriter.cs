using System.Threading.Channels;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Runs;

/// <summary>
/// Stores log lines of all runs, many in one commit, and keeps each run's log within its bound: the first lines, which tell how it
/// began, and the newest ones.
/// </summary>
internal sealed class RunLogWriter(SqliteStore store, IGrainFactory grains, LiveOptions options, TimeProvider clock, ILogger<RunLogWriter> log)
    : BackgroundService
{
    /// <summary>Lines from the beginning that are always kept.</summary>
    private const int FirstLines = 1_000;

    private const int MaxLineChars = 8 * 1024;
    private const int MaxMessagesPerCommit = 500;

    /// <summary>Lines are gathered for this long, which is about what a person notices.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(150);

    // Sessions wait when it is full, and with them the agents' streams: that is the back-pressure.
    private readonly Channel<RunLogLines> _queue = Channel.CreateBounded<RunLogLines>(
        new BoundedChannelOptions(2_000) { SingleReader = true });

    public ValueTask TakeAsync(RunLogLines lines, CancellationToken cancellationToken) => _queue.Writer.WriteAsync(lines, cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<RunLogLines>();
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            await Task.Delay(Gather, clock, stoppingToken);
            batch.Clear();
            while (batch.Count < MaxMessagesPerCommit && _queue.Reader.TryRead(out var lines))
            {
                batch.Add(lines);
            }

            try
            {
                await StoreAsync(batch, stoppingToken);
            }
            catch (StoreException exception)
            {
                RunLog.LinesLost(log, batch.Sum(lines => lines.Lines.Count), exception);
            }
        }
    }

    private async Task StoreAsync(List<RunLogLines> batch, CancellationToken cancellationToken)
    {
        var keep = options.Current.LogLinesPerRun;
        var runs = batch.Select(lines => lines.RunId).Distinct().ToList();
        await store.WriteAsync(
            transaction =>
            {
                foreach (var lines in batch)
                {
                    foreach (var line in lines.Lines)
                    {
                        Insert(transaction, lines.RunId, line);
                    }
                }

                foreach (var run in runs)
                {
                    Trim(transaction, run, keep);
                }
            },
            cancellationToken);
        foreach (var run in runs)
        {
            await grains.GetGrain<IRunGrain>(run).LoggedAsync();
        }
    }

    private static void Insert(StoreTransaction transaction, string runId, LogLine line)
    {
        var cut = line.Text.Length > MaxLineChars;
        transaction.Execute(
            """
            INSERT OR IGNORE INTO run_log (run_id, attempt, number, at, stream, truncated, text)
            SELECT run_id, $attempt, $number, $at, $stream, $truncated, $text FROM runs WHERE run_id = $id
            """,
            ("$id", runId),
            ("$attempt", line.Attempt),
            ("$number", line.Number),
            ("$at", (line.At?.ToDateTimeOffset() ?? transaction.Now).ToColumn()),
            ("$stream", (int)line.Stream),
            ("$truncated", line.Truncated || cut),
            ("$text", cut ? line.Text[..MaxLineChars] : line.Text));
    }

    private static void Trim(StoreTransaction transaction, string runId, int keep)
    {
        var excess = transaction.Number("SELECT count(*) FROM run_log WHERE run_id = $id", ("$id", runId)) - keep;
        if (excess > 0)
        {
            transaction.Execute(
                """
                DELETE FROM run_log WHERE run_id = $id AND (attempt, number) IN
                    (SELECT attempt, number FROM run_log WHERE run_id = $id ORDER BY attempt, number LIMIT $excess OFFSET $first)
                """,
                ("$id", runId),
                ("$excess", excess),
                ("$first", Math.Min(FirstLines, keep / 2)));
        }
    }
}
