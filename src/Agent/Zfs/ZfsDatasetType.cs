namespace Fleet.Agent.Zfs;

internal enum ZfsDatasetType
{
    FileSystem,
    Volume,
}
