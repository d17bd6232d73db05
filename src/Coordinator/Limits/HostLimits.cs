using Fleet.Protocol.Edge;

namespace Fleet.Coordinator.Limits;

/// <summary>
/// What one host may send and may leave here. docs/operations.md lists the numbers. What a real agent sends stays far below them: they
/// are for one that is broken, or somebody else's.
/// </summary>
internal static class HostLimits
{
    /// <summary>Log lines per second, as agents are told to keep; after a pause, those of four seconds at once.</summary>
    public const int LinesPerSecond = LogRates.LinesPerSecond;
    public const int LineBurst = 4 * LinesPerSecond;

    /// <summary>Bytes of log lines per second, and at once.</summary>
    public const int LineBytesPerSecond = LogRates.LineBytesPerSecond;
    public const int LineBytesBurst = 4 * LineBytesPerSecond;

    /// <summary>Progress reports per second, for all of a host's runs, and at once. An agent sends two for each run.</summary>
    public const int ProgressPerSecond = LogRates.ProgressPerSecond;
    public const int ProgressBurst = 60;

    /// <summary>Bytes of log lines that wait to be stored: of one host, and in all.</summary>
    public const long WaitingLineBytesPerHost = 2 * 1024 * 1024;
    public const long WaitingLineBytes = 16 * 1024 * 1024;

    /// <summary>Bytes of stored log lines: of one run, and of all runs of a host. Beyond, the oldest go.</summary>
    public const long LogBytesPerRun = 16 * 1024 * 1024;
    public const long LogBytesPerHost = 256 * 1024 * 1024;

    /// <summary>Bytes of outbox entries that wait for their commit: of one session, and in all.</summary>
    public const long WaitingEntryBytesPerSession = 8 * 1024 * 1024;
    public const long WaitingEntryBytes = 128 * 1024 * 1024;

    /// <summary>Bytes of entries in one transaction.</summary>
    public const long EntryBytesPerCommit = 1024 * 1024;

    /// <summary>Durable bytes: at once, and per minute.</summary>
    public const long DurableBurst = 16 * 1024 * 1024;
    public const long DurablePerMinute = 2 * 1024 * 1024;

    /// <summary>Durable bytes over long times: what may be used up at once, and what comes back each day.</summary>
    public const long DurableStock = 256 * 1024 * 1024;
    public const long DurablePerDay = 16 * 1024 * 1024;

    /// <summary>Runs that a host may report over its budget, cut to their core: real ones of the time when it was cut off.</summary>
    public const int SpareRuns = 20_000;
    public const int SpareRunsPerHour = 600;

    /// <summary>Sessions that a host may begin at once, and per minute.</summary>
    public const int SessionBurst = 60;
    public const int SessionsPerMinute = 20;

    /// <summary>Bytes of storage reports at once, and per minute; and of what one report tells about pools and groups.</summary>
    public const long ReportBurst = 64 * 1024 * 1024;
    public const long ReportPerMinute = 8 * 1024 * 1024;
    public const int StockBytes = 3 * 1024 * 1024;

    /// <summary>Snapshots in the catalogue, those that are gone included.</summary>
    public const int SnapshotsPerHost = 250_000;

    /// <summary>An episode of being over a limit ends when nothing was left out for this long.</summary>
    public static readonly TimeSpan EpisodeQuiet = TimeSpan.FromMinutes(10);
}
