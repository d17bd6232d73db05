using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary><c>lvm_restore</c>: merges a snapshot into its volume.</summary>
internal sealed class LvmRestoreText() : ActionText<LvmRestoreAction>(ActionCase.LvmRestore, static action => action.LvmRestore)
{
    public override IEnumerable<(string Name, Cell Value)> ResultFacts(ActionResult result, bool isDryRun) =>
        result.LvmRestore is not { } merge ? [] :
        [
            ("restored from", merge.Snapshot?.Name ?? ""),
            ("restored to", merge.Volume),
            ("state before", merge.Safety?.Name ?? ""),
            ("pending", merge.Pending ? "yes: the merge is waiting or in progress" : ""),
        ];

    protected override string Words(LvmRestoreAction restore) =>
        $"merges {restore.Snapshot} into its volume";
}
