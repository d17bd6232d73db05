namespace Fleet.Agent.Native;

/// <summary>Classes of ioprio_set(2), with its numbers.</summary>
internal enum IoClass
{
    None = 0,
    RealTime = 1,
    BestEffort = 2,
    Idle = 3,
}
