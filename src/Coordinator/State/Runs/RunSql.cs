namespace Fleet.Coordinator.State.Runs;

/// <summary>
/// Named SQL conditions on runs, in place of the protocol's numbers. The numbers are part of the text, because a partial index is used only
/// if its condition is repeated literally. An alias goes in front: <c>$"r.{RunSql.IsQueued}"</c>.
/// </summary>
internal static class RunSql
{
    /// <summary>It has not ended: the condition of the indexes runs_open and runs_open_host.</summary>
    public const string IsOpen = "state <= 3";

    /// <summary>It has ended: the condition of the indexes runs_ended*. Takes no alias.</summary>
    public const string IsFinal = "+state > 3";

    public const string IsQueued = "state = 1";

    public const string IsRunning = "state = 3";

    /// <summary>It was sent to its agent and has not ended.</summary>
    public const string IsActive = "state IN (2, 3)";

    /// <summary>An operator asked for it.</summary>
    public const string IsManual = "trigger = 3";
}
