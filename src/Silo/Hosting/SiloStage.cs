namespace Orleans.Runtime;

/// <summary>Where the silo is in its life.</summary>
internal enum SiloStage
{
    /// <summary>Not started: calls fail.</summary>
    Created,

    /// <summary>Calls are handled.</summary>
    Running,

    /// <summary>Activations end one after the other; none begins.</summary>
    Stopping,

    /// <summary>Calls fail.</summary>
    Stopped,
}
