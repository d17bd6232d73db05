namespace Fleet.Agent.Tools;

/// <summary>How a tool that had a deadline came to its end.</summary>
internal enum ToolAnswerKind
{
    /// <summary>Exit code 0.</summary>
    Succeeded,

    /// <summary>It is not installed, or could not be started.</summary>
    NotStarted,

    /// <summary>Not within its time; it may still be there.</summary>
    NoAnswer,

    /// <summary>By a signal, or because the run was cancelled.</summary>
    Ended,

    /// <summary>Another exit code: what stderr says.</summary>
    Failed,
}
