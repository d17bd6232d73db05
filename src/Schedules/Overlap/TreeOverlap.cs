namespace Fleet.Schedules.Overlap;

/// <summary>How the source and the destination of a transfer on one machine lie to each other.</summary>
public enum TreeOverlap
{
    /// <summary>Nothing of one is in the other, or the transfer never comes to where the destination is.</summary>
    None,

    /// <summary>They are the same.</summary>
    Same,

    /// <summary>The transfer would copy its own result: the destination lies inside the source.</summary>
    DestinationInside,

    /// <summary>The transfer would overwrite or delete what it copies: the source lies inside the destination.</summary>
    SourceInside,

    /// <summary>
    /// The destination lies inside the source, and only if it is on another file system does the transfer not come there. The machine
    /// knows.
    /// </summary>
    DependsOnFileSystem,
}
