namespace Fleet.Coordinator.Limits;

/// <summary>A kind of budget of a host.</summary>
internal enum Budget
{
    /// <summary>Log lines of its runs, which may get lost.</summary>
    LogLines,

    /// <summary>Progress of its runs, which may get lost.</summary>
    Progress,

    /// <summary>What it leaves in the store permanently: results, notices, runs.</summary>
    Durable,

    /// <summary>Its reports about pools and volume groups.</summary>
    StorageReports,

    /// <summary>How often it may begin a session or change the state that it reports.</summary>
    Sessions,
}
