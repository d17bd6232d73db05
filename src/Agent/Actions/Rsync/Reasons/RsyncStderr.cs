using System.Globalization;
using System.Text.RegularExpressions;
using Fleet.Agent.Logging;
using Fleet.Agent.Ssh;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync.Reasons;

/// <summary>
/// Reads a failed rsync: known lines of stderr decide, its own and those of ssh and the other side; where none is known, the exit code,
/// and then the lines are shown and not explained. Cheap per line, in constant memory.
/// </summary>
/// <param name="remote">Null if both sides are on this host.</param>
internal sealed partial class RsyncStderr(RemoteEnd? remote)
{
    private const int MostWords = 2;

    private readonly SshStderr _ssh = new();
    private readonly Queue<string> _lastWords = new();
    private FailureReason? _first;
    private bool _closed;
    private bool _receivedAnything;

    public RemoteEnd? Remote => remote;

    /// <summary>Takes the next line.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd("\r \n"u8);
        if (!line.IsEmpty)
        {
            Add(LogText.Escape(line));
        }
    }

    /// <summary>What an exit code other than 0 came from.</summary>
    /// <param name="statistics">What --stats printed. Null if it was not asked.</param>
    public FailureReason Explain(int exitCode, RsyncStatistics? statistics)
    {
        // Inside a tree that was listed, a folder that cannot be entered is one entry of many.
        var known = _first is null or { Kind: FailureKind.SomeEntries } or { Kind: FailureKind.SourceUnusable }
            && statistics is { Files: > 0 }
            ? null
            : _first;
        return exitCode switch
        {
            RsyncExitCodes.SourceFilesVanished =>
                new(FailureKind.SomeEntries, "transferred; some files vanished from the source while it ran"),
            RsyncExitCodes.DeletionsStopped => new(
                FailureKind.DeletionsStopped, "deletions were stopped at the limit",
                "see whether the source really lost that many files, then raise max_delete for a run"),
            _ when known is not null => known,
            RsyncExitCodes.SomeEntries when _first is not null => new(
                FailureKind.SomeEntries,
                $"some entries could not be transferred (see the details){(statistics is { Files: > 0 } ? "; the rest was" : "")}"),
            _ when RsyncExitCodes.IsOfConnection(exitCode) => _ssh.Reason(remote?.Ssh) ?? Closed() ?? Unknown(exitCode),
            _ => Unknown(exitCode),
        };
    }

    private void Add(string line)
    {
        if (Closing().IsMatch(line) || _ssh.Add(line))
        {
            return;
        }

        if (BrokeOff().Match(line) is { Success: true } broke)
        {
            _closed = true;
            _receivedAnything |= broke.Groups[1].Value != "0";
        }
        else if (RsyncWordings.Of(line, remote) is { } reason)
        {
            _first = _first is null || (_first.Kind == FailureKind.SomeEntries && reason.Kind != FailureKind.SomeEntries) ? reason : _first;
        }
        else if (!Consequence().IsMatch(line))
        {
            _lastWords.Enqueue(line);
            if (_lastWords.Count > MostWords)
            {
                _lastWords.Dequeue();
            }
        }
    }

    private FailureReason? Closed() =>
        !_closed ? null
        : _receivedAnything
            ? new(FailureKind.ConnectionLost, $"the connection was lost in the middle of the transfer{Said("; the last output: ")}",
                Retryable: true)
        : _lastWords.Count > 0 ? new(FailureKind.Refused, $"the other side ended before the transfer began{Said("; it said: ")}")
        : new(FailureKind.ClosedInSilence, "the other side ended before the transfer began, without saying why", Retryable: true);

    private FailureReason Unknown(int exitCode) => new(
        FailureKind.Unknown,
        string.Create(
            CultureInfo.InvariantCulture,
            $"rsync ended with code {exitCode} "
                + $"({RsyncExitCodes.Name(exitCode)}){(_lastWords.Count > 0 ? Said("; its last output: ") : " and printed nothing else")}"),
        Retryable: RsyncExitCodes.MayPass(exitCode));

    private string Said(string before) => _lastWords.Count == 0 ? "" : $"{before}\"{string.Join("\" / \"", _lastWords)}\"";

    /// <summary>What only repeats the exit code.</summary>
    [GeneratedRegex(@"^rsync (error|warning): .+ \(code \d+\) at .+$")]
    private static partial Regex Closing();

    [GeneratedRegex(@"^rsync: connection unexpectedly closed \((\d+) bytes received so far\) \[\w+\]$")]
    private static partial Regex BrokeOff();

    /// <summary>What follows once the other process is gone, or belongs to the line before.</summary>
    [GeneratedRegex(
        @"^(rsync: \[\w+\] (write|read) error: (Broken pipe|Connection reset by peer) \(\d+\)|"
        + @"\(see the rsync man ?page for an explanation\))$")]
    private static partial Regex Consequence();
}
