namespace Fleet.Actions;

/// <summary>Every kind of action, one line each.</summary>
public static class ActionKinds
{
    /// <summary>In the order in which messages to people name them.</summary>
    /// <exception cref="InvalidOperationException">
    /// An action of the protocol is not in the list. Thrown by the first use, so that no program starts without it.
    /// </exception>
    public static IReadOnlyList<ActionKind> All { get; } = Complete(
    [
        FileActions.Rsync,
        OtherActions.Command,
        ZfsActions.Snapshot,
        ZfsActions.Prune,
        ZfsActions.Replicate,
        ZfsActions.Scrub,
        ZfsActions.Hold,
        ZfsActions.Rollback,
        ZfsActions.Clone,
        LvmActions.Snapshot,
        LvmActions.Prune,
        LvmActions.Restore,
        LvmActions.Protect,
        FileActions.Restore,
        OtherActions.ClockAccept,
    ]);

    private static readonly Dictionary<ActionCase, ActionKind> ByCase = All.ToDictionary(static kind => kind.Case);

    /// <returns>Null if the action is missing, or of a kind that a newer release has added.</returns>
    public static ActionKind? Of(ActionMessage? action) => action is null ? null : ByCase.GetValueOrDefault(action.KindCase);

    /// <exception cref="KeyNotFoundException">Of a kind that a newer release has added, or none.</exception>
    public static ActionKind Of(ActionCase @case) => ByCase[@case];

    internal static IReadOnlyList<ActionKind> Complete(IReadOnlyList<ActionKind> kinds)
    {
        var cases = kinds.Select(static kind => kind.Case).ToList();
        var missing = System.Enum.GetValues<ActionCase>().Except([.. cases, ActionCase.None]).ToList();
        var twice = cases.CountBy(static @case => @case).Where(static count => count.Value > 1).Select(static count => count.Key).ToList();
        return missing.Count + twice.Count == 0
            ? kinds
            : throw new InvalidOperationException(
                $"ActionKinds lacks {string.Join(", ", missing)} and names {string.Join(", ", twice)} twice");
    }
}
