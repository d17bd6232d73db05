using Fleet.Coordinator.State.Events;

namespace Fleet.Coordinator.State.Runs;

/// <summary>A run after something happened to it, and the event that reports it (null if there is none).</summary>
internal sealed record RunChange(RunRow Row, NewEvent? Event);
