namespace Fleet.Agent.Journal;

/// <summary>A process of an attempt, identified by boot, number and start time.</summary>
internal sealed record JournalProcess(string BootId, int ProcessId, long StartTicks);
