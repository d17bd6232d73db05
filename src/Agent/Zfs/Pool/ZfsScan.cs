using System.Globalization;
using System.Text.RegularExpressions;

namespace Fleet.Agent.Zfs.Pool;

/// <summary>The newest scrub or resilver of a pool, running or over.</summary>
internal sealed record ZfsScan
{
    public required ZfsScanKind Kind { get; init; }

    public required ZfsScanState State { get; init; }

    /// <summary>Running: when it began. Otherwise: when it was paused, or came to its end. By the host's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Finished: how long it took.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Finished: errors that could not be repaired.</summary>
    public long? Errors { get; init; }

    /// <summary>Finished: what was repaired or rebuilt. Rounded to three digits by zpool. Unit: bytes.</summary>
    public long? RepairedBytes { get; init; }

    /// <summary>Running or paused: 0 to 100.</summary>
    public double? Percent { get; init; }

    /// <summary>Running: zpool's estimate of the time left. Null if zpool gives none.</summary>
    public TimeSpan? Remaining { get; init; }
}

internal enum ZfsScanKind
{
    /// <summary>Reads everything and compares checksums.</summary>
    Scrub,

    /// <summary>Brings a device up to date.</summary>
    Resilver,
}

internal enum ZfsScanState
{
    Running,
    Paused,
    Finished,
    Canceled,
}

/// <summary>Reads the section "scan:" of `zpool status`. Pure. Times are UTC, see <see cref="ZfsCommands.Environment"/>.</summary>
internal static partial class ZpoolScanParser
{
    private const double Kibi = 1024;

    /// <summary>The section's first line. False if not understood.</summary>
    /// <param name="scan">Null if there never was one.</param>
    public static bool TryParse(string text, out ZfsScan? scan)
    {
        scan = null;
        if (text == "none requested")
        {
            return true;
        }

        if (FinishedPattern().Match(text) is { Success: true } finished)
        {
            scan = Time(finished) is { } end
                && Duration(finished.Groups["took"].Value) is { } took
                && Bytes(finished.Groups["bytes"].Value) is { } bytes
                ? new ZfsScan
                {
                    Kind = finished.Groups["scrub"].Success ? ZfsScanKind.Scrub : ZfsScanKind.Resilver,
                    State = ZfsScanState.Finished,
                    At = end,
                    Duration = took,
                    RepairedBytes = bytes,
                    Errors = long.Parse(finished.Groups["errors"].Value, CultureInfo.InvariantCulture),
                }
                : null;
        }
        else if (OtherPattern().Match(text) is { Success: true } other && Time(other) is { } at)
        {
            scan = new ZfsScan
            {
                Kind = other.Groups["kind"].Value == "scrub" ? ZfsScanKind.Scrub : ZfsScanKind.Resilver,
                State = other.Groups["state"].Value switch
                {
                    "in progress since" => ZfsScanState.Running,
                    "paused since" => ZfsScanState.Paused,
                    _ => ZfsScanState.Canceled,
                },
                At = at,
            };
        }

        return scan is not null;
    }

    /// <summary>A further line of the section. Null if not understood.</summary>
    public static ZfsScan? Continue(ZfsScan scan, string text)
    {
        if (scan.State is ZfsScanState.Finished or ZfsScanState.Canceled)
        {
            return null;
        }

        if (ProgressPattern().Match(text) is { Success: true } progress)
        {
            return scan with
            {
                Percent = double.Parse(progress.Groups["percent"].Value, CultureInfo.InvariantCulture),
                Remaining = progress.Groups["left"] is { Success: true } left ? Duration(left.Value) : null,
            };
        }

        // How many bytes were read so far, rounded, and when a paused one began: not needed.
        return ScannedPattern().IsMatch(text) || text.StartsWith("scrub started on ", StringComparison.Ordinal) ? scan : null;
    }

    private static DateTimeOffset? Time(Match match) =>
        DateTimeOffset.TryParseExact(
            match.Groups["time"].Value,
            "ddd MMM d HH:mm:ss yyyy",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite,
            out var time)
            ? time
            : null;

    private static TimeSpan? Duration(string text)
    {
        var parts = text.Split(" days ");
        var days = parts.Length == 2 ? int.Parse(parts[0], CultureInfo.InvariantCulture) : 0;
        return TimeSpan.TryParseExact(parts[^1], "hh\\:mm\\:ss", CultureInfo.InvariantCulture, out var clock)
            ? clock + TimeSpan.FromDays(days)
            : null;
    }

    // "22.5K", "0B", or with newer releases and -p a plain number.
    private static long? Bytes(string text)
    {
        var power = "BKMGTPE".IndexOf(text[^1], StringComparison.Ordinal);
        return double.TryParse(power < 0 ? text : text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * Math.Pow(Kibi, Math.Max(0, power)) is var bytes and < long.MaxValue
            ? (long)bytes
            : null;
    }

    [GeneratedRegex(
        @"^(?:(?<scrub>scrub repaired)|resilvered(?: \([^)]+\))?) (?<bytes>[0-9.]+[BKMGTPE]?) in "
        + @"(?<took>(?:[0-9]{1,6} days )?[0-9:]+) with (?<errors>[0-9]{1,18}) errors on (?<time>.+)$")]
    private static partial Regex FinishedPattern();

    [GeneratedRegex(@"^(?<kind>scrub|resilver)(?: \([^)]+\))? (?<state>in progress since|paused since|canceled on) (?<time>.+)$")]
    private static partial Regex OtherPattern();

    [GeneratedRegex(
        @"^[0-9.]+[BKMGTPE]? (?:repaired|resilvered), (?<percent>[0-9]{1,3}(?:\.[0-9]+)?)% done"
        + @"(?:, (?:(?<left>(?:[0-9]{1,6} days )?[0-9:]+) to go|.*))?$")]
    private static partial Regex ProgressPattern();

    [GeneratedRegex(@"^[0-9.]+[BKMGTPE]? .*(?:scanned|issued).*$")]
    private static partial Regex ScannedPattern();
}
