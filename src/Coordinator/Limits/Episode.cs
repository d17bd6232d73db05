namespace Fleet.Coordinator.Limits;

/// <summary>A period in which a host was over one of its budgets.</summary>
/// <param name="Since">When it began.</param>
/// <param name="Newest">Monotonic timestamp of the last time that something was cut or left out.</param>
/// <param name="Amount">How many lines, reports or entries were cut or left out.</param>
internal sealed record Episode(DateTimeOffset Since, long Newest, long Amount);
