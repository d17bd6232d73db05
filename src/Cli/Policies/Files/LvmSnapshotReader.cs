using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Policies.Files;

/// <summary>The <c>lvm_snapshot</c> part of a policy.</summary>
internal static class LvmSnapshotReader
{
    public static LvmSnapshotAction Read(YamlMapping yaml)
    {
        var snapshot = new LvmSnapshotAction
        {
            ClassicSizeBytes = yaml.SizeBytes("classic_size", 1, long.MaxValue) ?? 0,
            MaxDataPercent = (int)(yaml.Integer("max_data_percent", 1, 100) ?? 0),
            MaxMetadataPercent = (int)(yaml.Integer("max_metadata_percent", 1, 100) ?? 0),
            MinGroupFreeBytes = yaml.SizeBytes("min_group_free", 0, long.MaxValue) ?? 0,
            Before = SnapshotHookReader.Read(yaml.Mapping("before")),
            After = SnapshotHookReader.Read(yaml.Mapping("after")),
            DryRun = yaml.Boolean("dry_run") ?? false,
        };
        snapshot.Volumes.Add(Volumes(yaml));
        yaml.RefuseUnknown();
        return snapshot;
    }

    /// <summary>The volumes that an action on LVM names.</summary>
    public static IReadOnlyList<string> Volumes(YamlMapping yaml)
    {
        if (!yaml.Has("volumes"))
        {
            yaml.Problem("volumes", "is required: names of volumes with their groups, such as [vg/home]");
        }

        return yaml.Strings("volumes");
    }
}
