using Fleet.Coordinator.State.Events;

namespace Fleet.Coordinator.State.Runs;

/// <summary>A run after something happened to it, and the event that tells it (null: none).</summary>
internal sealed record RunChange(RunRow Row, NewEvent? Event);
