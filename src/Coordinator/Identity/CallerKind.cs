namespace Fleet.Coordinator.Identity;

/// <summary>The kind of caller that a call comes from.</summary>
internal enum CallerKind
{
    /// <summary>No identity; allowed only where the table of roles says so.</summary>
    Anonymous,

    /// <summary>An enrolled host, by its client certificate.</summary>
    Host,

    /// <summary>A person or a program with an operator's credential.</summary>
    Operator,
}
