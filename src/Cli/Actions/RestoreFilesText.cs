using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary><c>restore_files</c>: copies files back out of a snapshot or a dated tree.</summary>
internal sealed class RestoreFilesText() : ActionText<RestoreFilesAction>(ActionCase.RestoreFiles, static action => action.RestoreFiles)
{
    public override IEnumerable<(string Name, Cell Value)> ResultFacts(ActionResult result, bool isDryRun) =>
        result.RestoreFiles is { } files
            ? [("restored from", files.Source), ("restored to", TerminalText.SafePath(files.Destination))]
            : [];

    protected override string Words(RestoreFilesAction restore) =>
        $"restores /{TerminalText.SafePath(restore.Path).TrimStart('/')} of {Source(restore)} to "
        + $"{TerminalText.SafePath(restore.Destination)}{(restore.Overwrite ? ", replacing what differs" : "")}";

    private static string Source(RestoreFilesAction restore) =>
        restore.Zfs?.Name ?? restore.Lvm?.Name ?? TerminalText.SafePath(restore.Tree);
}
