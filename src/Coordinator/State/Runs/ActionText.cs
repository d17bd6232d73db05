using System.Globalization;
using System.Text;
using Fleet.Actions;

namespace Fleet.Coordinator.State.Runs;

/// <summary>Describes actions in words. Pure.</summary>
internal static class ActionText
{
    public const int MaxNote = 256;

    /// <summary>The action's name in policies: "zfs_snapshot".</summary>
    public static string Name(Protocol.V1.Action? action) =>
        ActionKinds.Of(action)?.Name ?? "action";

    /// <summary>The action and its subject.</summary>
    public static string Of(Protocol.V1.Action? action) =>
        ActionKinds.Of(action) is { } kind ? $"{kind.Name} {kind.Objects(action!)}".TrimEnd() : "action";

    /// <summary>Why a note is refused; null if it is accepted.</summary>
    public static string? NoteProblem(string note) =>
        note.Length > MaxNote ? $"longer than {MaxNote} characters"
        : note.EnumerateRunes().Any(r => r == Rune.ReplacementChar || !IsPrintable(r)) ? "holds characters that cannot be printed"
        : null;

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate);
}
