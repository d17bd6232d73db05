using Fleet.Protocol.V1;
using Fleet.Yaml;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Actions;

/// <summary>Reads the parts <c>before</c> and <c>after</c> of <c>zfs_snapshot</c> and <c>lvm_snapshot</c>.</summary>
internal static class SnapshotHookReader
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public static SnapshotHook? Read(YamlMapping? yaml) => yaml is null ? null : new SnapshotHook
    {
        // Read first: the rest of the mapping is the command, whose reader refuses keys that it does not know.
        Timeout = yaml.Duration("timeout", TimeSpan.FromSeconds(1), Longest) is { } timeout ? Duration.FromTimeSpan(timeout) : null,
        Command = CommandReader.Read(yaml),
    };
}
