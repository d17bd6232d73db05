using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary><c>lvm_prune</c>.</summary>
internal sealed class LvmPruneText()
    : PolicyActionText<LvmPruneAction>(
        ActionCase.LvmPrune, static action => action.LvmPrune, static message => new() { LvmPrune = message })
{
    public override IReadOnlyList<(string Proto, string Yaml)> Renamed { get; } =
    [
        .. RetentionReader.Renamed,
    ];

    public override IEnumerable<(string Name, Cell Value)> ResultFacts(ActionResult result, bool isDryRun) =>
        result.LvmPrune is { DestroyedTotal: > 0 } removed ? [("destroyed", HumanText.Count(removed.DestroyedTotal, "snapshot"))] : [];

    public override void PrintResult(Invocation invocation, ActionResult result) => RetentionTable.PrintBelow(invocation, result);

    protected override string Words(LvmPruneAction prune) =>
        $"destroys old snapshots of {prune.SnapshotsOf} on {string.Join(", ", prune.Volumes)}";

    protected override IEnumerable<(string Name, Cell Value)> PolicyFacts(LvmPruneAction prune) =>
        [("keeps", RetentionText.Of(prune.Retention))];

    protected override LvmPruneAction Read(YamlMapping yaml)
    {
        var prune = new LvmPruneAction
        {
            SnapshotsOf = yaml.RequiredString("snapshots_of"),
            Retention = RetentionReader.Read(yaml),
            DryRun = yaml.Boolean("dry_run") ?? false,
        };
        prune.Volumes.Add(LvmSnapshotText.Volumes(yaml));
        yaml.RefuseUnknown();
        return prune;
    }
}
