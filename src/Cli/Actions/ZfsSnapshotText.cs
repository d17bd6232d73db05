using System.Globalization;
using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary><c>zfs_snapshot</c>.</summary>
internal sealed class ZfsSnapshotText()
    : PolicyActionText<ZfsSnapshotAction>(
        ActionCase.ZfsSnapshot, static action => action.ZfsSnapshot, static message => new() { ZfsSnapshot = message })
{
    public override IReadOnlyList<(string Proto, string Yaml)> Renamed { get; } =
    [
        ("excludes", "exclude"),
        ("before.command", "before"),
        ("after.command", "after"),
    ];

    public override IEnumerable<(string Name, Cell Value)> ResultFacts(ActionResult result, bool isDryRun) =>
        result.ZfsSnapshot is { SnapshotsTotal: > 0 } made ? [("snapshots", HumanText.Count(made.SnapshotsTotal, "snapshot"))] : [];

    public override void PrintResult(Invocation invocation, ActionResult result)
    {
        if (result.ZfsSnapshot is not { Snapshots.Count: > 0 } made)
        {
            return;
        }

        invocation.Out.Line("");
        invocation.Out.Table(
            ["SNAPSHOT", "REFERS TO", "GUID"],
            made.Snapshots.Select(s =>
                    (Cell[])[s.Name, HumanText.Bytes(s.ReferencedBytes), s.Guid.ToString(CultureInfo.InvariantCulture)]));
        if (made.SnapshotsTotal > made.Snapshots.Count)
        {
            invocation.Out.Line(new Cell($"... and {made.SnapshotsTotal - made.Snapshots.Count} more", Tone.Quiet));
        }
    }

    protected override string Words(ZfsSnapshotAction snapshot) =>
        $"snapshots of {string.Join(", ", snapshot.Datasets)}{(snapshot.Recursive ? " and everything below" : "")}";

    protected override IEnumerable<(string Name, Cell Value)> PolicyFacts(ZfsSnapshotAction snapshot) =>
        [("excludes", string.Join(", ", snapshot.Excludes))];

    protected override ZfsSnapshotAction Read(YamlMapping yaml)
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
