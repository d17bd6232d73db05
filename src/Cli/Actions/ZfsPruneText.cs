using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary><c>zfs_prune</c>.</summary>
internal sealed class ZfsPruneText()
    : PolicyActionText<ZfsPruneAction>(
        ActionCase.ZfsPrune, static action => action.ZfsPrune, static message => new() { ZfsPrune = message })
{
    public override IReadOnlyList<(string Proto, string Yaml)> Renamed { get; } =
    [
        ("excludes", "exclude"),
        .. RetentionReader.Renamed,
    ];

    public override IEnumerable<(string Name, Cell Value)> ResultFacts(ActionResult result, bool isDryRun) =>
        result.ZfsPrune is { DestroyedTotal: > 0 } pruned
            ? [("destroyed", $"{HumanText.Count(pruned.DestroyedTotal, "snapshot")}, {HumanText.Bytes(pruned.ReclaimedBytes)} freed")]
            : [];

    public override void PrintResult(Invocation invocation, ActionResult result) => RetentionTable.PrintBelow(invocation, result);

    protected override string Words(ZfsPruneAction prune) =>
        $"destroys old snapshots of {prune.SnapshotsOf} on "
        + $"{string.Join(", ", prune.Datasets)}{(prune.Recursive ? " and everything below" : "")}";

    protected override IEnumerable<(string Name, Cell Value)> PolicyFacts(ZfsPruneAction prune) =>
        [("excludes", string.Join(", ", prune.Excludes)), ("keeps", RetentionText.Of(prune.Retention))];

    protected override ZfsPruneAction Read(YamlMapping yaml)
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
