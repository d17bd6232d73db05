namespace Fleet.Agent.Tools;

/// <summary>What came of a process.</summary>
internal sealed record ToolResult
{
    /// <summary>File name of the program.</summary>
    public required string Name { get; init; }

    public required ToolEnd End { get; init; }

    /// <summary>Null if it was not started, or a signal ended it.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that ended it. Null if none did.</summary>
    public int? Signal { get; init; }

    /// <summary>For <see cref="ToolEnd.NotStarted"/> and <see cref="ToolEnd.NotConfined"/>: why, in one sentence. Safe to log.</summary>
    public string Message { get; init; } = "";

    /// <summary>By the monotonic clock.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Highest resident memory of any of its processes. 0: not known.</summary>
    public long MaxResidentBytes { get; init; }

    /// <summary>User and system CPU time, of its children too.</summary>
    public TimeSpan CpuTime { get; init; }

    public bool Succeeded => End == ToolEnd.Exited && ExitCode == 0;
}
