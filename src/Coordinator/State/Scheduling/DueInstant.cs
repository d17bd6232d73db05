namespace Fleet.Coordinator.State.Scheduling;

/// <summary>An instant at which a policy is due on a host.</summary>
internal readonly record struct DueInstant(string HostId, string HostName, DateTimeOffset Instant);
