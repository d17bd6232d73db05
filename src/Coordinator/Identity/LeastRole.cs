namespace Fleet.Coordinator.Identity;

/// <summary>The least role that a call needs.</summary>
internal enum LeastRole
{
    /// <summary>No identity at all.</summary>
    Anonymous,

    /// <summary>The identity of an enrolled host; operators may not call it.</summary>
    Host,

    /// <summary>An operator that may read everything but the audit log.</summary>
    Viewer,

    /// <summary>An operator that may also apply policies, and start and cancel runs.</summary>
    Operator,

    /// <summary>An operator that may also manage hosts, tokens and operators, and read the audit log.</summary>
    Admin,
}
