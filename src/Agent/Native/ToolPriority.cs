namespace Fleet.Agent.Native;

/// <summary>How politely a tool runs.</summary>
/// <param name="Nice">-20 to 19, see nice(1).</param>
/// <param name="IoClass">Scheduling class of disk access, see ionice(1).</param>
/// <param name="IoLevel">0 (first) to 7 (last); without meaning for <see cref="IoClass.Idle"/>.</param>
internal sealed record ToolPriority(int Nice, IoClass IoClass, int IoLevel)
{
    /// <summary>That of the agent itself.</summary>
    public static ToolPriority Normal { get; } = new(0, IoClass.None, 0);
}
