namespace Fleet.Protocol.Edge;

/// <summary>
/// What one host may send of what may get lost. The coordinator leaves out what is beyond it; agents stay below, for all of their runs
/// together, so that nothing is left out that was sent.
/// </summary>
public static class LogRates
{
    /// <summary>Log lines per second.</summary>
    public const int LinesPerSecond = 500;

    /// <summary>Bytes of log lines per second.</summary>
    public const int LineBytesPerSecond = 1024 * 1024;

    /// <summary>What a line takes beside its text.</summary>
    public const int LineOverhead = 40;

    /// <summary>Progress reports per second.</summary>
    public const int ProgressPerSecond = 20;
}
