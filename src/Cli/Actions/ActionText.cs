using Fleet.Actions;
using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary>One kind of action as text: how policy files write it, how people read it, and what its result says.</summary>
internal abstract class ActionText
{
    private protected ActionText(ActionCase @case) => Case = @case;

    /// <summary>One entry for each kind of action.</summary>
    /// <exception cref="InvalidOperationException">
    /// An action of the protocol has no entry here. Thrown at first use, so the program does not start.
    /// </exception>
    public static IReadOnlyList<ActionText> All { get; } = Complete(
    [
        new RsyncText(),
        new CommandText(),
        new ZfsSnapshotText(),
        new ZfsPruneText(),
        new ZfsReplicateText(),
        new ZfsScrubText(),
        new ZfsHoldText(),
        new ZfsRollbackText(),
        new ZfsCloneText(),
        new LvmSnapshotText(),
        new LvmPruneText(),
        new LvmRestoreText(),
        new LvmProtectText(),
        new RestoreFilesText(),
        new ClockAcceptText(),
    ]);

    private static readonly Dictionary<ActionCase, ActionText> ByCase = All.ToDictionary(static text => text.Case);

    /// <summary>Which field of the oneof it is.</summary>
    public ActionCase Case { get; }

    /// <summary>Its name, which policy files use, too: "zfs_snapshot".</summary>
    public string Name => ActionKinds.Of(Case).Name;

    /// <summary>
    /// Fields of its message that have another name in policy files. The first match counts, so longer names come first.
    /// </summary>
    public virtual IReadOnlyList<(string Proto, string Yaml)> Renamed => [];

    /// <returns>Null if the action is missing, or of a kind that a newer release has added.</returns>
    public static ActionText? Of(ActionMessage? action) => action is null ? null : ByCase.GetValueOrDefault(action.KindCase);

    /// <summary>What it does, in one line.</summary>
    public static string Describe(ActionMessage? action) => Of(action)?.Words(action!) ?? "an action that this program does not know";

    /// <summary>Reads its part of a policy. Null if policies cannot contain this action.</summary>
    public virtual Func<YamlMapping, ActionMessage>? Reader => null;

    /// <summary>What <c>fleet policy show</c> says about it besides its description. A pair with an empty value is not shown.</summary>
    public virtual IEnumerable<(string Name, Cell Value)> PolicyFacts(ActionMessage action) => [];

    /// <summary>
    /// What <c>fleet run show</c> says about the result of this action. Empty for the result of another action; a pair with an empty
    /// value is not shown.
    /// </summary>
    public virtual IEnumerable<(string Name, Cell Value)> ResultFacts(ActionResult result, bool isDryRun) => [];

    /// <summary>Prints those parts of a result of this action that need a table. Prints nothing for the result of another action.</summary>
    public virtual void PrintResult(Invocation invocation, ActionResult result)
    {
    }

    protected abstract string Words(ActionMessage action);

    /// <summary>The user on another host, as it is written before that host.</summary>
    protected static string At(string user) => user.Length > 0 ? $"{user}@" : "";

    protected static string Bandwidth(long bytesPerSecond) => bytesPerSecond > 0 ? $"{HumanText.Bytes(bytesPerSecond)}/s" : "";

    private static IReadOnlyList<ActionText> Complete(IReadOnlyList<ActionText> all) =>
        all.Select(static text => (text.Case, text.Reader is not null)).Order()
            .SequenceEqual(ActionKinds.All.Select(static kind => (kind.Case, kind.NotInPoliciesBecause is null)).Order())
            ? all
            : throw new InvalidOperationException(
                "ActionText.All and ActionKinds.All do not name the same actions, or not the same ones for policies");
}

/// <summary>The text of one kind of action, typed by its message.</summary>
/// <typeparam name="T">The action's message.</typeparam>
internal abstract class ActionText<T>(ActionCase @case, Func<ActionMessage, T?> message) : ActionText(@case)
    where T : class
{
    public sealed override IEnumerable<(string Name, Cell Value)> PolicyFacts(ActionMessage action) => PolicyFacts(MessageOf(action));

    protected sealed override string Words(ActionMessage action) => Words(MessageOf(action));

    protected abstract string Words(T action);

    protected virtual IEnumerable<(string Name, Cell Value)> PolicyFacts(T action) => [];

    private T MessageOf(ActionMessage action) =>
        message(action) ?? throw new ArgumentException($"the action is {action.KindCase}, not {Case}", nameof(action));
}

/// <summary>The text of a kind of action that policies can contain.</summary>
internal abstract class PolicyActionText<T>(ActionCase @case, Func<ActionMessage, T?> message, Func<T, ActionMessage> action)
    : ActionText<T>(@case, message)
    where T : class
{
    public sealed override Func<YamlMapping, ActionMessage> Reader => yaml => action(Read(yaml));

    protected abstract T Read(YamlMapping yaml);
}
