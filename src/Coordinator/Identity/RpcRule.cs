namespace Fleet.Coordinator.Identity;

/// <summary>The role that one method needs, and whether its calls are recorded.</summary>
/// <param name="Least">The least role.</param>
/// <param name="Audited">It changes something: every call, refused or not, is recorded in the audit log.</param>
/// <param name="AllowsExpiredHost">A host's certificate that has expired, but is otherwise good, is still accepted.</param>
internal sealed record RpcRule(LeastRole Least, bool Audited = false, bool AllowsExpiredHost = false);
