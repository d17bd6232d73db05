namespace Fleet.Coordinator.State.Hosts;

/// <summary>Entries of an outbox that will never arrive.</summary>
/// <param name="To">The last one. Null if not known, because the outbox itself is gone.</param>
internal sealed record OutboxGap(string OutboxId, long From, long? To);
