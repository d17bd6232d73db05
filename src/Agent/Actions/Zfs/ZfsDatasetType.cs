namespace Fleet.Agent.Actions.Zfs;

internal enum ZfsDatasetType
{
    FileSystem,
    Volume,
}
