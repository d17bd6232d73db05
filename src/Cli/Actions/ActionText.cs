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

    /// <summary>Those of every kind of action, one line each.</summary>
    /// <exception cref="InvalidOperationException">
    /// An action of the protocol has none. Thrown by the first use, so that the program does not start.
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

    /// <summary>Its name, in files, too: "zfs_snapshot".</summary>
    public string Name => ActionKinds.Of(Case).Name;

    /// <summary>
    /// Fields of its message that files call by another name; the first that fits counts, so that longer ones stand first.
    /// </summary>
    public virtual IReadOnlyList<(string Proto, string Yaml)> Renamed => [];

    /// <returns>Null if the action is missing, or of a kind that a newer release has added.</returns>
    public static ActionText? Of(ActionMessage? action) => action is null ? null : ByCase.GetValueOrDefault(action.KindCase);

    /// <summary>What it does, in a line.</summary>
    public static string Describe(ActionMessage? action) => Of(action)?.Words(action!) ?? "an action that this program does not know";

    /// <summary>Reads its part of a policy. Null: policies do not have it.</summary>
    public virtual Func<YamlMapping, ActionMessage>? Reader => null;

    /// <summary>What <c>fleet policy show</c> says of it, beyond its words. Without a value: nothing to say.</summary>
    public virtual IEnumerable<(string Name, Cell Value)> PolicyFacts(ActionMessage action) => [];

    /// <summary>
    /// What <c>fleet run show</c> says of the result of such an action. Nothing, if it is no such result; without a value: nothing to say.
    /// </summary>
    public virtual IEnumerable<(string Name, Cell Value)> ResultFacts(ActionResult result, bool isDryRun) => [];

    /// <summary>Prints what of the result of such an action needs a table. Nothing, if it is no such result.</summary>
    public virtual void PrintResult(Invocation invocation, ActionResult result)
    {
    }

    protected abstract string Words(ActionMessage action);

    /// <summary>The user of another host, as it stands before that host.</summary>
    protected static string At(string user) => user.Length > 0 ? $"{user}@" : "";

    protected static string Bandwidth(long bytesPerSecond) => bytesPerSecond > 0 ? $"{HumanText.Bytes(bytesPerSecond)}/s" : "";

    private static IReadOnlyList<ActionText> Complete(IReadOnlyList<ActionText> all) =>
        all.Select(static text => (text.Case, text.Reader is not null)).Order()
            .SequenceEqual(ActionKinds.All.Select(static kind => (kind.Case, kind.NotInPoliciesBecause is null)).Order())
            ? all
            : throw new InvalidOperationException(
                "ActionText.All and ActionKinds.All do not name the same actions, or not the same ones for policies");
}

/// <summary>Those of one kind, by its message.</summary>
/// <typeparam name="T">Message of the action.</typeparam>
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

/// <summary>Those of a kind that policies have.</summary>
internal abstract class PolicyActionText<T>(ActionCase @case, Func<ActionMessage, T?> message, Func<T, ActionMessage> action)
    : ActionText<T>(@case, message)
    where T : class
{
    public sealed override Func<YamlMapping, ActionMessage> Reader => yaml => action(Read(yaml));

    protected abstract T Read(YamlMapping yaml);
}
