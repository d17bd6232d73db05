using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Policies.Files;

/// <summary>The <c>zfs_prune</c> part of a policy.</summary>
internal static class ZfsPruneReader
{
    public static ZfsPruneAction Read(YamlMapping yaml)
    {
        var prune = new ZfsPruneAction
        {
            Recursive = yaml.Boolean("recursive") ?? false,
            SnapshotsOf = yaml.RequiredString("snapshots_of"),
            Retention = RetentionReader.Read(yaml),
            DryRun = yaml.Boolean("dry_run") ?? false,
        };
        if (!yaml.Has("datasets"))
        {
            yaml.Problem("datasets", "is required: names of datasets, such as [tank/data]");
        }

        prune.Datasets.Add(yaml.Strings("datasets"));
        prune.Excludes.Add(yaml.Strings("exclude"));
        yaml.RefuseUnknown();
        return prune;
    }
}
