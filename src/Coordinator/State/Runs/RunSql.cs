namespace Fleet.Coordinator.State.Runs;

/// <summary>
/// Conditions on runs by name, where SQL has numbers of the protocol. The numbers stand in the text: a partial index is used only where its
/// condition is repeated literally. An alias goes in front: <c>$"r.{RunSql.IsQueued}"</c>.
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
