namespace Fleet.Coordinator.Identity;

/// <summary>What a call asks of its caller.</summary>
internal enum LeastRole
{
    /// <summary>Nothing: no identity at all.</summary>
    Anonymous,

    /// <summary>The identity of an enrolled host; operators may not.</summary>
    Host,

    /// <summary>An operator that sees.</summary>
    Viewer,

    /// <summary>An operator that also applies policies, starts and cancels runs.</summary>
    Operator,

    /// <summary>An operator that also rules over hosts, tokens, operators and the audit log.</summary>
    Admin,
}
