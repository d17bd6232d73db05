using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary><c>lvm_snapshot</c>.</summary>
internal sealed class LvmSnapshotText()
    : PolicyActionText<LvmSnapshotAction>(
        ActionCase.LvmSnapshot, static action => action.LvmSnapshot, static message => new() { LvmSnapshot = message })
{
    public override IReadOnlyList<(string Proto, string Yaml)> Renamed { get; } =
    [
        ("classic_size_bytes", "classic_size"),
        ("before.command", "before"),
        ("after.command", "after"),
        ("min_group_free_bytes", "min_group_free"),
    ];

    public override IEnumerable<(string Name, Cell Value)> ResultFacts(ActionResult result, bool isDryRun) =>
        result.LvmSnapshot is { Snapshots.Count: > 0 } volumes ? [("snapshots", HumanText.Count(volumes.Snapshots.Count, "snapshot"))] : [];

    public override void PrintResult(Invocation invocation, ActionResult result)
    {
        if (result.LvmSnapshot is { Snapshots.Count: > 0 } volumes)
        {
            invocation.Out.Line("");
            invocation.Out.Table(
                ["SNAPSHOT", "SIZE", "UUID"], volumes.Snapshots.Select(s => (Cell[])[s.Name, HumanText.Bytes(s.SizeBytes), s.Uuid]));
        }
    }

    protected override string Words(LvmSnapshotAction snapshot) =>
        $"snapshots of {string.Join(", ", snapshot.Volumes)}";

    protected override LvmSnapshotAction Read(YamlMapping yaml)
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

    /// <summary>Reads the volumes that an action on LVM names.</summary>
    public static IReadOnlyList<string> Volumes(YamlMapping yaml)
    {
        if (!yaml.Has("volumes"))
        {
            yaml.Problem("volumes", "is required: names of volumes with their groups, such as [vg/home]");
        }

        return yaml.Strings("volumes");
    }
}
