namespace Fleet.Coordinator.Limits;

/// <summary>A time in which a host was over one of its budgets.</summary>
/// <param name="Since">When it began.</param>
/// <param name="Newest">Timestamp of the monotonic clock when something was cut or left out for the last time.</param>
/// <param name="Amount">How many lines, reports or entries.</param>
internal sealed record Episode(DateTimeOffset Since, long Newest, long Amount);
