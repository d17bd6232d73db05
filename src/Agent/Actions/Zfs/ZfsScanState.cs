namespace Fleet.Agent.Actions.Zfs;

internal enum ZfsScanState
{
    Running,
    Paused,
    Finished,
    Canceled,
}
