namespace Fleet.Agent.Guard;

/// <summary>
/// What may be done on this host, as /etc/fleet/guard.yaml says, which no coordinator can change. Read again for every run.
/// </summary>
internal interface IGuard
{
    /// <summary>Never throws: what cannot be decided is refused.</summary>
    GuardDecision Check(Protocol.V1.Action action);

    /// <summary>Actions that have any rule at all, for Hello.allowed_actions.</summary>
    IReadOnlyList<string> AllowedActions();
}
