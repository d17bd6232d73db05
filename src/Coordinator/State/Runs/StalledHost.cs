namespace Fleet.Coordinator.State.Runs;

/// <summary>A host that is connected but gets none of the runs that are due.</summary>
/// <param name="Count">How many runs are due.</param>
internal sealed record StalledHost(string HostId, string Name, long Count, string OldestRunId);
