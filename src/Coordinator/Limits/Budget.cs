namespace Fleet.Coordinator.Limits;

/// <summary>A kind of budget that a host has here.</summary>
internal enum Budget
{
    /// <summary>Log lines of its runs, which may get lost.</summary>
    LogLines,

    /// <summary>Progress of its runs, which may get lost.</summary>
    Progress,

    /// <summary>What it leaves in the store for good: results, notices, runs.</summary>
    Durable,

    /// <summary>What it tells about its pools and volume groups.</summary>
    StorageReports,

    /// <summary>How often it may begin a session, or change what it says about its own state.</summary>
    Sessions,
}
