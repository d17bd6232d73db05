using Fleet.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>What the coordinator knows of one kind of action: what may be asked of it, and what its result means to others.</summary>
internal abstract class ActionRules
{
    private protected ActionRules(ActionCase @case) => Case = @case;

    /// <summary>Those of every kind of action, one line each.</summary>
    /// <exception cref="InvalidOperationException">
    /// An action of the protocol has none. Thrown by the first use, so that the program does not start.
    /// </exception>
    public static IReadOnlyList<ActionRules> All { get; } = Complete(
    [
        new RsyncRules(),
        new CommandRules(),
        new ZfsSnapshotRules(),
        new ZfsPruneRules(),
        new ZfsReplicateRules(),
        new ZfsScrubRules(),
        new ZfsHoldRules(),
        new ZfsRollbackRules(),
        new ZfsCloneRules(),
        new LvmSnapshotRules(),
        new LvmPruneRules(),
        new LvmRestoreRules(),
        new LvmProtectRules(),
        new RestoreFilesRules(),
        new ClockAcceptRules(),
    ]);

    private static readonly Dictionary<ActionCase, ActionRules> ByCase = All.ToDictionary(static rules => rules.Case);

    /// <summary>Which field of the oneof it is.</summary>
    public ActionCase Case { get; }

    /// <returns>Null if the action is missing, or of a kind that a newer release has added.</returns>
    public static ActionRules? Of(ActionMessage? action) => action is null ? null : ByCase.GetValueOrDefault(action.KindCase);

    /// <summary>Finds everything that is wrong with an action, not only the first thing.</summary>
    /// <param name="path">Where it stands in the request, by names of the protocol: "policies[0].action".</param>
    public abstract void Validate(ActionMessage action, string path, ActionFindings findings);

    /// <summary>
    /// Adds what events say of the result of such an action, beyond what they say of every one: docs/events.md. Nothing, if it is no such
    /// result.
    /// </summary>
    public virtual void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
    }

    /// <summary>Which snapshots a run of it may destroy. Null if it destroys none, because it is a dry run or of a harmless kind.</summary>
    public virtual DoomedSnapshots? Doomed(ActionMessage action) => null;

    /// <summary>Whether a result names every snapshot that the run destroyed: nothing of its list was cut off.</summary>
    public virtual bool NamesAllDestroyed(ActionResult result) => result.Outcome is ActionOutcome.Refused or ActionOutcome.Skipped;

    private static IReadOnlyList<ActionRules> Complete(IReadOnlyList<ActionRules> all) =>
        all.Select(static rules => rules.Case).Order().SequenceEqual(ActionKinds.All.Select(static kind => kind.Case).Order())
            ? all
            : throw new InvalidOperationException("ActionRules.All and ActionKinds.All do not name the same actions");
}

/// <summary>Those of one kind, by its message.</summary>
/// <typeparam name="T">Message of the action.</typeparam>
internal abstract class ActionRules<T>(ActionCase @case, Func<ActionMessage, T?> message) : ActionRules(@case)
    where T : class
{
    public sealed override void Validate(ActionMessage action, string path, ActionFindings findings) =>
        Validate(MessageOf(action), $"{path}.{ActionKinds.Of(action)!.Name}", findings);

    public sealed override DoomedSnapshots? Doomed(ActionMessage action) => action.IsDryRun ? null : Doomed(MessageOf(action));

    /// <inheritdoc cref="ActionRules.Validate"/>
    /// <param name="path">Where the message stands in the request: "policies[0].action.rsync".</param>
    protected abstract void Validate(T action, string path, ActionFindings findings);

    /// <summary>Which snapshots a run of it may destroy. Null if there is none.</summary>
    protected virtual DoomedSnapshots? Doomed(T action) => null;

    private T MessageOf(ActionMessage action) =>
        message(action) ?? throw new ArgumentException($"the action is {action.KindCase}, not {Case}", nameof(action));
}
