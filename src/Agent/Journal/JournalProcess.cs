namespace Fleet.Agent.Journal;

/// <summary>A process of an attempt, told from every other one by boot, number and start.</summary>
internal sealed record JournalProcess(string BootId, int ProcessId, long StartTicks);
