namespace Fleet.Coordinator.Identity;

/// <summary>What kind of caller a call comes from.</summary>
internal enum CallerKind
{
    /// <summary>No identity: allowed only where the table of roles says so.</summary>
    Anonymous,

    /// <summary>An enrolled host, by its client certificate.</summary>
    Host,

    /// <summary>A person or a program with an operator's credential.</summary>
    Operator,
}
