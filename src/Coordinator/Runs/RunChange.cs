using Fleet.Coordinator.Events;

namespace Fleet.Coordinator.Runs;

/// <summary>A run after something happened to it, and the event that tells it (null: none).</summary>
internal sealed record RunChange(RunRow Row, NewEvent? Event);
