using Fleet.Protocol.V1;
using Fleet.Yaml;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Policies.Files;

/// <summary>The <c>zfs_snapshot</c> part of a policy.</summary>
internal static class ZfsSnapshotReader
{
    private static readonly TimeSpan LongestHook = TimeSpan.FromHours(1);

    public static ZfsSnapshotAction Read(YamlMapping yaml)
    {
        var snapshot = new ZfsSnapshotAction
        {
            Recursive = yaml.Boolean("recursive") ?? false,
            SkipUnchanged = yaml.Boolean("skip_unchanged") ?? false,
            Before = ReadHook(yaml.Mapping("before")),
            After = ReadHook(yaml.Mapping("after")),
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

    private static SnapshotHook? ReadHook(YamlMapping? yaml) => yaml is null ? null : new SnapshotHook
    {
        // First, because the rest of the mapping is the command, which refuses what it does not know.
        Timeout = yaml.Duration("timeout", TimeSpan.FromSeconds(1), LongestHook) is { } timeout ? Duration.FromTimeSpan(timeout) : null,
        Command = CommandReader.Read(yaml),
    };
}
