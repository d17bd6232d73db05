namespace Fleet.Agent.Tools;

/// <summary>A process that runs. Its process group and session have the same number.</summary>
/// <param name="StartTicks">
/// Field 22 of /proc/PID/stat: clock ticks after boot. Tells a process from a later one with the same number.
/// </param>
internal readonly record struct StartedProcess(int ProcessId, long StartTicks);
