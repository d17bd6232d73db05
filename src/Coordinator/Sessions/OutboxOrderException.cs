namespace Fleet.Coordinator.Sessions;

/// <summary>An agent sent its outbox out of order, in violation of the protocol.</summary>
internal sealed class OutboxOrderException(long expected, long got)
    : Exception($"outbox entry {got} came where {expected} was expected");
