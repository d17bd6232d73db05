using System.Collections.Concurrent;
using System.Threading.Channels;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Runs;

/// <summary>
/// Stores log lines of all runs, some in each commit, after everything else that the store has to do. Keeps each run's log within its
/// bounds: the first lines, which show how it began, and the newest ones. Nobody waits for it: lines that come too fast are left out
/// and counted.
/// </summary>
internal sealed partial class RunLogWriter(
    FleetStore store, IGrainFactory grains, LiveOptions options, TimeProvider clock, ILogger<RunLogWriter> log)
    : BackgroundService
{
    /// <summary>Number of first lines that are always kept.</summary>
    private const int FirstLines = 1_000;

    private const int MaxLineChars = 8 * 1024;

    /// <summary>Most lines of one transaction, and of one piece of it.</summary>
    private const long BytesPerCommit = 256 * 1024;
    private const int LinesPerCommit = 1_000;
    private const int LinesPerPiece = 100;

    /// <summary>A host's share of the store is checked after this many new bytes.</summary>
    private const long HostCheckBytes = 1024 * 1024;

    /// <summary>Lines are collected for this long, about as long as a person does not notice.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(150);

    // Its bound is in bytes: see TryTake.
    private readonly Channel<Piece> _queue = Channel.CreateUnbounded<Piece>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, long> _waitingOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _unchecked = new(StringComparer.Ordinal);
    private long _waiting;

    /// <summary>Takes lines of a host's run, or none if too many lines of this host or of all hosts are waiting.</summary>
    public bool TryTake(string hostId, string runId, IReadOnlyList<LogLine> lines)
    {
        var bytes = lines.Sum(RunLogStore.Size);
        if (Interlocked.Read(ref _waiting) + bytes > HostLimits.WaitingLineBytes
            || _waitingOf.GetValueOrDefault(hostId) + bytes > HostLimits.WaitingLineBytesPerHost)
        {
            return false;
        }

        foreach (var some in lines.Chunk(LinesPerPiece))
        {
            var piece = new Piece(hostId, runId, some.Select(Cut).ToArray(), some.Sum(RunLogStore.Size));
            Interlocked.Add(ref _waiting, piece.Bytes);
            _waitingOf.AddOrUpdate(hostId, piece.Bytes, (_, before) => before + piece.Bytes);
            _queue.Writer.TryWrite(piece);
        }

        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Piece>();
        while (await _queue.Reader.WaitToReadAsync(stoppingToken))
        {
            await Task.Delay(Gather, clock, stoppingToken);
            while (TakeBatch(batch))
            {
                try
                {
                    await StoreAsync(batch, stoppingToken);
                }
                catch (StoreException exception)
                {
                    LinesLost(log, batch.Sum(piece => piece.Lines.Count), exception);
                }

                batch.Clear();
            }
        }
    }

    private bool TakeBatch(List<Piece> batch)
    {
        var (lines, bytes) = (0, 0L);
        while (lines < LinesPerCommit && bytes < BytesPerCommit && _queue.Reader.TryRead(out var piece))
        {
            batch.Add(piece);
            lines += piece.Lines.Count;
            bytes += piece.Bytes;
            Interlocked.Add(ref _waiting, -piece.Bytes);
            if (_waitingOf.AddOrUpdate(piece.HostId, 0, (_, before) => before - piece.Bytes) <= 0)
            {
                _waitingOf.TryRemove(new KeyValuePair<string, long>(piece.HostId, 0));
            }
        }

        return batch.Count > 0;
    }

    private async Task StoreAsync(List<Piece> batch, CancellationToken cancellationToken)
    {
        var keep = options.Current.LogLinesPerRun;
        var runs = batch.Select(piece => piece.RunId).Distinct().ToList();
        await store.WriteInBackgroundAsync(
            transaction =>
            {
                foreach (var piece in batch)
                {
                    RunLogStore.Append(transaction, piece.RunId, piece.Lines);
                }

                foreach (var run in runs)
                {
                    RunLogStore.Trim(transaction, run, keep, HostLimits.LogBytesPerRun, Math.Min(FirstLines, keep / 2));
                }

                return true;
            },
            cancellationToken);
        CoordinatorMeter.LogLines.Add(batch.Sum(piece => piece.Lines.Count));
        await TrimHostsAsync(batch, cancellationToken);
        foreach (var run in runs)
        {
            await grains.GetGrain<IRunGrain>(run).LoggedAsync();
        }
    }

    private async Task TrimHostsAsync(List<Piece> batch, CancellationToken cancellationToken)
    {
        foreach (var host in batch.GroupBy(piece => piece.HostId, StringComparer.Ordinal))
        {
            var bytes = _unchecked.GetValueOrDefault(host.Key, HostCheckBytes) + host.Sum(piece => piece.Bytes);
            if (bytes < HostCheckBytes)
            {
                _unchecked[host.Key] = bytes;
                continue;
            }

            _unchecked[host.Key] = 0;
            while (await store.WriteInBackgroundAsync(
                transaction => RunLogStore.TrimHost(transaction, host.Key, HostLimits.LogBytesPerHost), cancellationToken))
            {
            }
        }
    }

    private static LogLine Cut(LogLine line)
    {
        if (line.Text.Length > MaxLineChars)
        {
            line.Text = line.Text[..MaxLineChars];
            line.Truncated = true;
        }

        return line;
    }

    /// <summary>The waiting lines of one run.</summary>
    private sealed record Piece(string HostId, string RunId, IReadOnlyList<LogLine> Lines, long Bytes);
}
