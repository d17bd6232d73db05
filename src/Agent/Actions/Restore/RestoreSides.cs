using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Tools.Confinement;

namespace Fleet.Agent.Actions.Restore;

/// <summary>What rsync reads and writes in a restore: two things that are open, at their own paths where it is confined.</summary>
/// <param name="guard">Says whether it is.</param>
/// <param name="root">Of the snapshot: it may be mounted where no name leads any longer.</param>
/// <param name="folder">The folder whose content is copied, or that holds what is copied.</param>
/// <param name="name">What of it is copied. Empty for all its content.</param>
/// <param name="hidden">What of the folder nobody may see, relative to it.</param>
internal sealed class RestoreSides(
    GuardDecision guard, OpenPath root, OpenPath folder, byte[] name, RestoreTarget target, IReadOnlyList<byte[]> hidden)
{
    private readonly byte[] _path = folder.CurrentPath() ?? root.CurrentPath() ?? "/.fleet/snapshot"u8.ToArray();

    public RestoreTarget Target => target;

    /// <summary>As rsync takes it: a folder with a slash at its end, or something else.</summary>
    public byte[] From => guard.Confine ? [.. _path, (byte)'/', .. name] : RestoreCommands.Path(folder, name);

    /// <inheritdoc cref="From"/>
    public byte[] To => target.Argument(guard.Confine, name.Length == 0);

    /// <summary>Null if the host's guard file waives it.</summary>
    public ToolConfinement? Confinement(bool dryRun) =>
        guard.Confine
            ? new ToolConfinement
            {
                Trees = [new ConfinedTree(folder, _path, Writable: false), target.Tree(dryRun)],
                Hidden = [.. hidden.Select(h => (byte[])[.. _path, (byte)'/', .. h])]
            }
            : null;
}
