using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Policies.Files;

/// <summary>The <c>lvm_prune</c> part of a policy.</summary>
internal static class LvmPruneReader
{
    public static LvmPruneAction Read(YamlMapping yaml)
    {
        var prune = new LvmPruneAction
        {
            SnapshotsOf = yaml.RequiredString("snapshots_of"),
            Retention = RetentionReader.Read(yaml),
            DryRun = yaml.Boolean("dry_run") ?? false,
        };
        prune.Volumes.Add(LvmSnapshotReader.Volumes(yaml));
        yaml.RefuseUnknown();
        return prune;
    }
}
