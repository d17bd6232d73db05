using Fleet.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>What the coordinator knows about one kind of action: which requests are valid, and what its result means to others.</summary>
internal abstract class ActionRules
{
    private protected ActionRules(ActionCase @case) => Case = @case;

    /// <summary>One entry for each kind of action.</summary>
    /// <exception cref="InvalidOperationException">
    /// An action of the protocol has no entry here. Thrown at first use, so the program does not start.
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
    /// <param name="path">Its place in the request, in names of the protocol: "policies[0].action".</param>
    public abstract void Validate(ActionMessage action, string path, ActionFindings findings);

    /// <summary>
    /// Adds the attributes that events carry for a result of this action, besides those of every result; docs/events.md lists them. Adds
    /// nothing for the result of another action.
    /// </summary>
    public virtual void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
    }

    /// <summary>Which snapshots a run of it may destroy. Null if it destroys none: it is a dry run, or the kind is harmless.</summary>
    public virtual DoomedSnapshots? Doomed(ActionMessage action) => null;

    /// <summary>Whether a result names every snapshot that the run destroyed; false if its list was cut off.</summary>
    public virtual bool NamesAllDestroyed(ActionResult result) => result.Outcome is ActionOutcome.Refused or ActionOutcome.Skipped;

    private static IReadOnlyList<ActionRules> Complete(IReadOnlyList<ActionRules> all) =>
        all.Select(static rules => rules.Case).Order().SequenceEqual(ActionKinds.All.Select(static kind => kind.Case).Order())
            ? all
            : throw new InvalidOperationException("ActionRules.All and ActionKinds.All do not name the same actions");
}

/// <summary>The rules of one kind of action, typed by its message.</summary>
/// <typeparam name="T">The action's message.</typeparam>
internal abstract class ActionRules<T>(ActionCase @case, Func<ActionMessage, T?> message) : ActionRules(@case)
    where T : class
{
    public sealed override void Validate(ActionMessage action, string path, ActionFindings findings) =>
        Validate(MessageOf(action), $"{path}.{ActionKinds.Of(action)!.Name}", findings);

    public sealed override DoomedSnapshots? Doomed(ActionMessage action) => action.IsDryRun ? null : Doomed(MessageOf(action));

    /// <inheritdoc cref="ActionRules.Validate"/>
    /// <param name="path">The message's place in the request: "policies[0].action.rsync".</param>
    protected abstract void Validate(T action, string path, ActionFindings findings);

    /// <summary>Which snapshots a run of it may destroy. Null if it destroys none.</summary>
    protected virtual DoomedSnapshots? Doomed(T action) => null;

    private T MessageOf(ActionMessage action) =>
        message(action) ?? throw new ArgumentException($"the action is {action.KindCase}, not {Case}", nameof(action));
}
