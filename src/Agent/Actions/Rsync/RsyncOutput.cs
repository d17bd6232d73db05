using System.Text;
using Fleet.Agent.Actions.Rsync.Reasons;
using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// Takes one rsync's output: progress for the run's watchers, statistics and errors for its result, the rest for its log.
/// Cheap per line: rsync prints a progress line for every file.
/// </summary>
/// <param name="remote">The other host, for the reason of a failure. Null if there is none.</param>
internal sealed class RsyncOutput(IRunLog log, TimeProvider time, bool dryRun, RemoteEnd? remote = null) : IToolOutput
{
    private const int MaxDetails = 100;
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(250);
    private static readonly byte[] Deleting = "*deleting"u8.ToArray();
    private static readonly byte[] ChangePrefix = Encoding.UTF8.GetBytes(RsyncCommands.ChangePrefix);

    private readonly long _startedAt = time.GetTimestamp();
    private readonly byte[] _lastProgress = new byte[160];
    private readonly List<string> _details = [];
    private readonly List<string> _changes = [];
    private int _lastProgressLength;
    private long _progressShownAt;
    private long? _filesLeft;
    private long? _filesKnown;
    private bool _listComplete;

    public RsyncStatsParser Stats { get; } = new();

    public RsyncStderr Stderr { get; } = new(remote);

    /// <summary>The first 100 things that went wrong.</summary>
    public IReadOnlyList<string> Details => _details;

    public long DetailsTotal { get; private set; }

    /// <summary>Dry run: the first 100 changes that would be made.</summary>
    public IReadOnlyList<string> Changes => _changes;

    /// <summary>Dry run: entries that would be written or changed.</summary>
    public long WouldWrite { get; private set; }

    /// <summary>Dry run: files and links among them that are there already and would get another content.</summary>
    public long WouldReplace { get; private set; }

    /// <summary>
    /// --max-delete was reached, whatever exit code that ended in: a folder in the way of a file makes it 23 instead of 25.
    /// </summary>
    public bool DeletionsStopped { get; private set; }

    /// <summary>Dry run: what would be deleted.</summary>
    public DeletionList Deletions { get; } = new();

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream == LogStream.Stderr)
        {
            log.Line(stream, line, truncated);
            DeletionsStopped |= line.StartsWith("Deletions stopped due to --max-delete limit"u8);
            Stderr.Add(line);
            Add(RsyncErrorParser.FromStderr(line));
        }
        else if (IsProgress(line, end))
        {
            OnProgress(line);
        }
        else if (dryRun && IsChange(line))
        {
            OnChange(line);
        }
        else if (!line.IsEmpty)
        {
            log.Line(stream, line, truncated);
            if (!Stats.TryLine(line))
            {
                Add(RsyncErrorParser.FromStdout(line));
            }
        }
    }

    /// <summary>Shows the newest progress line, however recent the one before it was.</summary>
    public void Flush()
    {
        if (_lastProgressLength > 0)
        {
            Show(_lastProgress.AsSpan(0, _lastProgressLength));
        }
    }

    private static bool IsProgress(ReadOnlySpan<byte> line, LineEnd end)
    {
        // A progress line ends with the carriage return of the next one, the last one with a line feed.
        return end == LineEnd.CarriageReturn || (line.Length > 16 && line[0] == ' ' && RsyncProgressParser.TryParse(line, out _));
    }

    /// <summary>Behind "%i " comes "%l ", the size, where --out-format asked for it.</summary>
    private static ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> deletion, bool hasSize)
    {
        var rest = deletion[Deleting.Length..].TrimStart((byte)' ');
        var digits = hasSize ? rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9') : 0;
        return digits > 0 && rest[digits] == ' ' ? rest[(digits + 1)..] : rest;
    }

    private static bool IsChange(ReadOnlySpan<byte> line) => line.StartsWith(ChangePrefix) || line.StartsWith("*deleting "u8);

    private void OnProgress(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty || line.Length > _lastProgress.Length)
        {
            return;
        }

        line.CopyTo(_lastProgress);
        _lastProgressLength = line.Length;
        if (_progressShownAt == 0 || time.GetElapsedTime(_progressShownAt) >= ProgressEvery)
        {
            Show(line);
        }
    }

    private void Show(ReadOnlySpan<byte> line)
    {
        _lastProgressLength = 0;
        if (!RsyncProgressParser.TryParse(line, out var progress))
        {
            return;
        }

        _progressShownAt = time.GetTimestamp();
        _filesLeft = progress.FilesLeft ?? _filesLeft;
        _filesKnown = progress.FilesKnown ?? _filesKnown;
        _listComplete = progress.ListComplete ?? _listComplete;
        var message = new RunProgress
        {
            BytesDone = progress.BytesDone,
            BytesPerSecond = progress.BytesPerSecond,
            FilesDone = Math.Max(0, (_filesKnown ?? 0) - (_filesLeft ?? 0)),
            FilesTotal = _filesKnown ?? 0,
            Phase = _listComplete ? "transferring" : "transferring, still listing",
        };
        if (_listComplete)
        {
            // Before that, the percentage is one of a total that still grows.
            message.Percent = progress.Percent;
            message.Eta = Remaining(progress) is { } eta ? Duration.FromTimeSpan(eta) : null;
        }

        log.Progress(message);
    }

    private TimeSpan? Remaining(RsyncProgressLine progress)
    {
        if (progress.Remaining is { } shown)
        {
            return shown;
        }

        return progress.Percent is > 0 and <= 100
            ? time.GetElapsedTime(_startedAt) * ((100d - progress.Percent) / progress.Percent)
            : null;
    }

    private void OnChange(ReadOnlySpan<byte> line)
    {
        var change = line.StartsWith(ChangePrefix) ? line[ChangePrefix.Length..] : line;
        if (change.StartsWith(Deleting))
        {
            Deletions.Add(DeletionList.Unescape(NameIn(change, hasSize: line.StartsWith(ChangePrefix))));
        }
        else
        {
            WouldWrite++;

            // rsync(1), --itemize-changes: YXcst..., Y '>' transferred or 'c' made, X the type, then '+' all over where it is new.
            WouldReplace += change is [(byte)'>' or (byte)'c', not (byte)'d', not (byte)'+', ..] ? 1 : 0;
        }

        if (_changes.Count < MaxDetails)
        {
            _changes.Add(LogText.Escape(change));
        }
    }

    private void Add(string? detail)
    {
        if (detail is null)
        {
            return;
        }

        DetailsTotal++;
        if (_details.Count < MaxDetails)
        {
            _details.Add(detail);
        }
    }
}
