namespace Fleet.Agent.Tools;

/// <summary>How a tool came to its end.</summary>
internal enum ToolEnd
{
    /// <summary>It exited, or a signal that was not ours ended it.</summary>
    Exited,

    /// <summary>It ran out of <see cref="ToolRequest.Timeout"/> and was ended.</summary>
    TimedOut,

    /// <summary>The caller's token was cancelled and it was ended.</summary>
    Cancelled,

    /// <summary>It was not started; <see cref="ToolResult.Message"/> says why.</summary>
    NotStarted,

    /// <summary>It was not started, because it cannot be confined here; <see cref="ToolResult.Message"/> says why.</summary>
    NotConfined,
}
