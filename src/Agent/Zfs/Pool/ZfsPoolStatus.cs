using System.Globalization;
using System.Text;
using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Zfs.Pool;

/// <summary>What `zpool status` says of one pool.</summary>
internal sealed record ZfsPoolStatus
{
    public required string Pool { get; init; }

    public required ZfsHealth Health { get; init; }

    /// <summary>zpool's own words on the worst problem. Empty if there is none.</summary>
    public required string Problem { get; init; }

    /// <summary>zpool's own words on what to do about it. Empty if there is nothing to do.</summary>
    public required string Advice { get; init; }

    /// <summary>
    /// This release supports features that the pool does not have enabled: `zpool upgrade`. zpool says so only when nothing is wrong.
    /// </summary>
    public required bool FeaturesToUpgrade { get; init; }

    /// <summary>
    /// The newest scrub and the newest resilver, as far as zpool still knows them. Empty if there was none since the pool was made.
    /// </summary>
    public required IReadOnlyList<ZfsScan> Scans { get; init; }

    /// <summary>The pool first, then depth first, in zpool's order.</summary>
    public required IReadOnlyList<ZfsVdev> Vdevs { get; init; }

    /// <summary>Files and blocks that are lost. Null if not known.</summary>
    public required long? DataErrors { get; init; }

    /// <summary>Lines that were not understood. Safe to show.</summary>
    public required IReadOnlyList<string> Refused { get; init; }
}

/// <summary>
/// Reads what <see cref="ZfsCommands.PoolStatus"/> prints: sections that begin with "key: ", further lines of which begin with a
/// tab. What it does not know is kept in <see cref="ZfsPoolStatus.Refused"/> and costs nothing else.
/// </summary>
internal sealed class ZpoolStatusParser : IToolOutput
{
    private const int MaxRefused = 20;
    private const int MaxTextLines = 20;
    private readonly ZpoolVdevParser _vdevs = new();
    private readonly List<ZfsScan> _scans = [];
    private readonly List<string> _refused = [];
    private readonly List<string> _problem = [];
    private readonly List<string> _advice = [];
    private string _section = "";
    private string? _pool;
    private ZfsHealth? _health;
    private long? _dataErrors;

    public StderrLines Errors { get; } = new();

    /// <summary>Null if the pool's name or state did not come.</summary>
    public ZfsPoolStatus? Result => _pool is null || _health is null
        ? null
        : new ZfsPoolStatus
        {
            Pool = _pool,
            Health = _health.Value,
            Problem = string.Join(' ', _problem),
            Advice = string.Join(' ', _advice),
            FeaturesToUpgrade = _problem is [var first, ..] && first.StartsWith("Some supported", StringComparison.Ordinal)
                && first.Contains("features are not enabled", StringComparison.Ordinal),
            Scans = _scans,
            Vdevs = _vdevs.Vdevs,
            DataErrors = _dataErrors,
            Refused = _refused,
        };

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream == LogStream.Stderr)
        {
            Errors.Add(line);
        }
        else if (!line.IsEmpty && (truncated || !TryLine(line)) && _refused.Count < MaxRefused)
        {
            _refused.Add(LogText.Escape(line));
        }
    }

    private bool TryLine(ReadOnlySpan<byte> line)
    {
        if (line[0] == (byte)'\t')
        {
            return TryFurther(line[1..]);
        }

        // Keys are aligned at their colon: "  pool: tank".
        var colon = line.IndexOf((byte)':');
        if (colon < 0 || line[..colon].TrimStart((byte)' ').ContainsAnyExceptInRange((byte)'a', (byte)'z'))
        {
            return false;
        }

        _section = Encoding.ASCII.GetString(line[..colon].TrimStart((byte)' '));
        return TrySection(line[(colon + 1)..].Trim((byte)' '));
    }

    private bool TrySection(ReadOnlySpan<byte> value)
    {
        switch (_section)
        {
            case "pool":
                var first = _pool is null;
                _pool ??= Encoding.UTF8.GetString(value);
                return first;
            case "state":
                var known = ZfsHealthParser.TryParse(value, out var health);
                _health ??= known ? health : null;
                return known;
            case "scan":
                var understood = ZpoolScanParser.TryParse(Encoding.ASCII.GetString(value), out var scan);
                _scans.AddRange(scan is null ? [] : [scan]);
                return understood;
            case "errors":
                return TryErrors(Encoding.UTF8.GetString(value));
            case "status" or "action":
                return AddText(value);
            // A link to an explanation, device removal and checkpoint: known, and nothing that we report.
            case "see" or "remove" or "checkpoint" or "dedup":
                return true;
            case "config":
                return value.IsEmpty;
            default:
                return false;
        }
    }

    private bool TryFurther(ReadOnlySpan<byte> line)
    {
        switch (_section)
        {
            case "config":
                return _vdevs.TryLine(line);
            case "status" or "action":
                return AddText(line);
            case "scan" when _scans is [.., var scan] && ZpoolScanParser.Continue(scan, Encoding.ASCII.GetString(line)) is { } more:
                _scans[^1] = more;
                return true;
            default:
                return _section is "remove" or "checkpoint" or "dedup";
        }
    }

    private bool AddText(ReadOnlySpan<byte> line)
    {
        var text = _section == "status" ? _problem : _advice;
        if (text.Count < MaxTextLines)
        {
            text.Add(LogText.Escape(line));
        }

        return true;
    }

    private bool TryErrors(string value)
    {
        const string More = " data errors, use '-v' for a list";
        if (value == "No known data errors")
        {
            _dataErrors = 0;
            return true;
        }

        if (value.EndsWith(More, StringComparison.Ordinal)
            && long.TryParse(value[..^More.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            _dataErrors = count;
            return true;
        }

        return value.StartsWith("List of errors unavailable", StringComparison.Ordinal);
    }
}
