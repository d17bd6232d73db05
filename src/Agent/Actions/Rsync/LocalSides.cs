using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Tools.Confinement;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// What rsync gets of this host: the two sides that the guard opened, and nothing else. Confined, it sees them at their own paths; where
/// the host gave that up, it reaches them through the agent's descriptors.
/// </summary>
internal static class LocalSides
{
    /// <summary>The action with the paths that rsync gets.</summary>
    public static RsyncAction Named(RsyncAction action, GuardDecision guard)
    {
        var named = action.Clone();
        if (guard.Confine && Daemon(named) is { PasswordFile.Length: > 0 } daemon && IsPrivate(daemon.PasswordFile))
        {
            // Read from stdin: a file that rsync can see could get into a copy.
            daemon.PasswordFile = "-";
        }

        if (guard.Source is { } source)
        {
            named.Source.Path = Name(source, guard);
        }

        if (guard.Destination is { } destination)
        {
            named.Destination.Path = Name(destination, guard);
        }

        return named;
    }

    /// <summary>The path that rsync gets for what lies in the destination.</summary>
    public static byte[] Below(GuardDecision guard, string name) =>
        guard.Confine ? guard.Destination!.At(Encoding.UTF8.GetBytes(name)) : guard.Destination!.ProcPath(Encoding.UTF8.GetBytes(name));

    /// <summary>Null if the host's guard file waives it.</summary>
    public static ToolConfinement? Confinement(RsyncAction action, GuardDecision guard, bool writable) =>
        Confinement(action, guard, [.. Tree(guard.Source, writable: false), .. Tree(guard.Destination, writable)]);

    /// <param name="trees">What rsync sees instead of the two sides.</param>
    /// <inheritdoc cref="Confinement(RsyncAction, GuardDecision, bool)"/>
    public static ToolConfinement? Confinement(RsyncAction action, GuardDecision guard, IReadOnlyList<ConfinedTree> trees) =>
        !guard.Confine ? null : new ToolConfinement
        {
            Trees = [.. trees, .. BadPassword(action)],
            Hidden = guard.Hidden,
            StartsRemoteShell = action.Source.Ssh is not null || action.Destination.Ssh is not null,
        };

    /// <summary>What rsync reads from stdin: the password for a daemon. Null if there is nothing.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static SafeFileHandle? Password(RsyncAction action, GuardDecision guard) =>
        guard.Confine && Daemon(action) is { PasswordFile.Length: > 0 } daemon && IsPrivate(daemon.PasswordFile)
            ? File.OpenHandle(daemon.PasswordFile)
            : null;

    /// <summary>One that rsync would not take is left to it, so that it says why.</summary>
    private static bool IsPrivate(string file) =>
        FileFacts.Look(file) is { } facts && (facts.Mode & 0xF007) == 0x8000 && facts.Owner == FileFacts.EffectiveUser;

    private static IEnumerable<ConfinedTree> BadPassword(RsyncAction action) =>
        Daemon(action) is { PasswordFile: { Length: > 0 } file }
            && !IsPrivate(file)
            && FileFacts.Canonical(Encoding.UTF8.GetBytes(file), out _) is { } path
            && GuardedPath.OfThisHost(path).Opened is { } opened
            ? [new ConfinedTree(opened, Encoding.UTF8.GetBytes(file), Writable: false)]
            : [];

    private static RsyncDaemonRemote? Daemon(RsyncAction action) => action.Source.Daemon ?? action.Destination.Daemon;

    private static IEnumerable<ConfinedTree> Tree(GuardedPath? path, bool writable) =>
        path?.Opened is { } opened ? [new ConfinedTree(opened, path.Path, writable)]
        : path?.Folder is { } folder ? [new ConfinedTree(folder, FolderOf(path.Path), Writable: false)]
        : [];

    /// <summary>A file by its name in its folder: to rsync, the descriptor of a file would be a link.</summary>
    private static ByteString Name(GuardedPath path, GuardDecision guard) => ByteString.CopyFrom(
        guard.Confine ? path.Path
        : path is { Opened.IsFolder: false, Folder: { } folder } ? [.. Encoding.ASCII.GetBytes($"{folder.ProcPath}/"), .. path.Name]
        : path.ProcPath());

    /// <summary>Of an absolute path other than "/".</summary>
    public static byte[] FolderOf(byte[] path) => path[..Math.Max(1, path.AsSpan().LastIndexOf((byte)'/'))];
}
