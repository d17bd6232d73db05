using Fleet.Protocol.Edge;

namespace Fleet.Coordinator.Limits;

/// <summary>
/// How much one host may send, and may leave in the store. docs/operations.md lists the numbers. A real agent stays far below them: they
/// are for one that is broken or under somebody else's control.
/// </summary>
internal static class HostLimits
{
    /// <summary>Log lines per second, a limit that agents know and keep; after a pause, the lines of four seconds at once.</summary>
    public const int LinesPerSecond = LogRates.LinesPerSecond;
    public const int LineBurst = 4 * LinesPerSecond;

    /// <summary>Bytes of log lines per second, and at once.</summary>
    public const int LineBytesPerSecond = LogRates.LineBytesPerSecond;
    public const int LineBytesBurst = 4 * LineBytesPerSecond;

    /// <summary>Progress reports per second, for all of a host's runs, and at once. An agent sends two for each run.</summary>
    public const int ProgressPerSecond = LogRates.ProgressPerSecond;
    public const int ProgressBurst = 60;

    /// <summary>Bytes of log lines that wait to be stored: per host, and in total.</summary>
    public const long WaitingLineBytesPerHost = 2 * 1024 * 1024;
    public const long WaitingLineBytes = 16 * 1024 * 1024;

    /// <summary>Bytes of stored log lines: per run, and for all runs of a host. Beyond that, the oldest are deleted.</summary>
    public const long LogBytesPerRun = 16 * 1024 * 1024;
    public const long LogBytesPerHost = 256 * 1024 * 1024;

    /// <summary>Bytes of outbox entries that wait for their commit: per session, and in total.</summary>
    public const long WaitingEntryBytesPerSession = 8 * 1024 * 1024;
    public const long WaitingEntryBytes = 128 * 1024 * 1024;

    /// <summary>Bytes of entries in one transaction.</summary>
    public const long EntryBytesPerCommit = 1024 * 1024;

    /// <summary>Durable bytes: at once, and per minute.</summary>
    public const long DurableBurst = 16 * 1024 * 1024;
    public const long DurablePerMinute = 2 * 1024 * 1024;

    /// <summary>Long-term durable bytes: how many may be used at once, and how many are added each day.</summary>
    public const long DurableStock = 256 * 1024 * 1024;
    public const long DurablePerDay = 16 * 1024 * 1024;

    /// <summary>
    /// Runs that a host may report beyond its budget, reduced to the essentials: real ones from a time when it was cut off.
    /// </summary>
    public const int SpareRuns = 20_000;
    public const int SpareRunsPerHour = 600;

    /// <summary>Sessions that a host may begin at once, and per minute.</summary>
    public const int SessionBurst = 60;
    public const int SessionsPerMinute = 20;

    /// <summary>Bytes of storage reports: at once, and per minute; and those of one report's pools and groups.</summary>
    public const long ReportBurst = 64 * 1024 * 1024;
    public const long ReportPerMinute = 8 * 1024 * 1024;
    public const int StockBytes = 3 * 1024 * 1024;

    /// <summary>Snapshots in the catalogue, including those that are gone.</summary>
    public const int SnapshotsPerHost = 250_000;

    /// <summary>An episode of being over a limit ends after nothing was left out for this long.</summary>
    public static readonly TimeSpan EpisodeQuiet = TimeSpan.FromMinutes(10);
}
