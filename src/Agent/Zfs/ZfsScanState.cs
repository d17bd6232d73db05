namespace Fleet.Agent.Zfs;

internal enum ZfsScanState
{
    Running,
    Paused,
    Finished,
    Canceled,
}
