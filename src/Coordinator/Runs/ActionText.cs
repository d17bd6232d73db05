using System.Globalization;
using System.Text;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Runs;

/// <summary>Actions in words. Pure.</summary>
internal static class ActionText
{
    public const int MaxNote = 256;

    /// <summary>As policies call it: "zfs_snapshot".</summary>
    public static string Name(Protocol.V1.Action? action) =>
        action is null ? "action" : Protocol.V1.Action.Descriptor.FindFieldByNumber((int)action.KindCase)?.Name ?? "action";

    /// <summary>The action and what it is done to.</summary>
    public static string Of(Protocol.V1.Action? action) => $"{Name(action)} {Objects(action)}".TrimEnd();

    /// <summary>Why a note is refused; null: it is not.</summary>
    public static string? NoteProblem(string note) =>
        note.Length > MaxNote ? $"longer than {MaxNote} characters"
        : note.EnumerateRunes().Any(r => r == Rune.ReplacementChar || !IsPrintable(r)) ? "holds characters that cannot be printed"
        : null;

    private static string RestoreSource(RestoreFilesAction restore) => restore.Zfs?.Name ?? restore.Lvm?.Name ?? restore.Tree.ToStringUtf8();

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate);

    private static string Objects(Protocol.V1.Action? action) => action?.KindCase switch
    {
        Protocol.V1.Action.KindOneofCase.ZfsSnapshot => string.Join(',', action.ZfsSnapshot.Datasets),
        Protocol.V1.Action.KindOneofCase.LvmSnapshot => string.Join(',', action.LvmSnapshot.Volumes),
        Protocol.V1.Action.KindOneofCase.LvmRestore => action.LvmRestore.Snapshot,
        Protocol.V1.Action.KindOneofCase.LvmProtect => $"{string.Join(',', action.LvmProtect.Snapshots.Select(s => s.Name))}{(action.LvmProtect.Release ? " release" : "")}",
        Protocol.V1.Action.KindOneofCase.RestoreFiles => $"{RestoreSource(action.RestoreFiles)} -> {action.RestoreFiles.Destination.ToStringUtf8()}",
        Protocol.V1.Action.KindOneofCase.ZfsScrub => string.Join(',', action.ZfsScrub.Pools),
        Protocol.V1.Action.KindOneofCase.ZfsHold => $"{string.Join(',', action.ZfsHold.Snapshots.Select(s => s.Name))}{(action.ZfsHold.Release ? " release" : "")}",
        Protocol.V1.Action.KindOneofCase.ZfsRollback => action.ZfsRollback.Snapshot?.Name ?? "",
        Protocol.V1.Action.KindOneofCase.ZfsClone => $"{action.ZfsClone.Snapshot?.Name} to {action.ZfsClone.Target}",
        Protocol.V1.Action.KindOneofCase.Command => action.Command.Program,
        Protocol.V1.Action.KindOneofCase.Rsync => action.Rsync.Destination?.Path.ToStringUtf8() ?? "",
        _ => "",
    };
}
