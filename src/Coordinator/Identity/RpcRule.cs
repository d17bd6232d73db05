namespace Fleet.Coordinator.Identity;

/// <summary>What one method asks of its caller, and what is recorded of it.</summary>
/// <param name="Least">The least role.</param>
/// <param name="Audited">It changes something: every call of it lands in the audit log, refused or not.</param>
/// <param name="AllowsExpiredHost">A host's certificate that has expired, but is otherwise good, is still accepted.</param>
internal sealed record RpcRule(LeastRole Least, bool Audited = false, bool AllowsExpiredHost = false);
