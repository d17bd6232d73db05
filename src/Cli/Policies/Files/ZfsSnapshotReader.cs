using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Policies.Files;

/// <summary>The <c>zfs_snapshot</c> part of a policy.</summary>
internal static class ZfsSnapshotReader
{
    public static ZfsSnapshotAction Read(YamlMapping yaml)
    {
        var snapshot = new ZfsSnapshotAction
        {
            Recursive = yaml.Boolean("recursive") ?? false,
            SkipUnchanged = yaml.Boolean("skip_unchanged") ?? false,
            Before = SnapshotHookReader.Read(yaml.Mapping("before")),
            After = SnapshotHookReader.Read(yaml.Mapping("after")),
            DryRun = yaml.Boolean("dry_run") ?? false,
        };
        if (!yaml.Has("datasets"))
        {
            yaml.Problem("datasets", "is required: names of datasets, such as [tank/data]");
        }

        snapshot.Datasets.Add(yaml.Strings("datasets"));
        snapshot.Excludes.Add(yaml.Strings("exclude"));
        yaml.RefuseUnknown();
        return snapshot;
    }
}
