using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Actions;

/// <summary>
/// What all three programs know of one kind of action. The agent knows how it is carried out, the coordinator how it is validated and what
/// events say of it, the CLI how it is written in YAML and shown to people.
/// </summary>
public abstract class ActionKind
{
    private protected ActionKind(ActionCase @case, string name) =>
        (Case, Name, WireName) = (@case, name, name.IndexOf('_') is > 0 and var end ? $"{name[..end]}.{name[(end + 1)..]}" : name);

    /// <summary>Which field of the oneof it is.</summary>
    public ActionCase Case { get; }

    /// <summary>Its field of the oneof, and its key in policy files: "zfs_snapshot".</summary>
    public string Name { get; }

    /// <summary>
    /// As agents name it, in Hello.allowed_actions and RunStarted.action, with its family before the dot: "zfs.snapshot".
    /// </summary>
    public string WireName { get; }

    /// <summary>Why it does not belong in a policy; null if it does.</summary>
    public string? NotInPoliciesBecause { get; init; }

    /// <summary>Why it cannot be run without a policy; null if it can.</summary>
    public string? NotAdHocBecause { get; init; }

    /// <summary>Whether it may change pools, volume groups or snapshots, so that the inventory is taken anew after it.</summary>
    public bool ChangesStorage { get; init; }

    /// <summary>Whether there is a dry run of it.</summary>
    public abstract bool HasDryRun { get; }

    /// <summary>Whether a run of it may stop and ask for confirmation.</summary>
    public abstract bool Confirms { get; }

    /// <summary>Whether a dry run of it can assume another time than now.</summary>
    public abstract bool AssumesTime { get; }

    /// <summary>
    /// What it works on, for people and for the audit log: datasets, volumes, snapshots, a program, a destination. Empty if there is
    /// nothing to name.
    /// </summary>
    public abstract string Objects(ActionMessage action);

    /// <summary>Datasets whose holds it may have changed.</summary>
    public abstract IEnumerable<string> DatasetsWithChangedHolds(ActionMessage action);

    internal abstract bool IsDryRun(ActionMessage action);

    internal abstract void MakeDryRun(ActionMessage action);

    internal abstract void Confirm(ActionMessage action, string confirmation);

    internal abstract void AssumeTime(ActionMessage action, Timestamp now);
}

/// <summary>One kind, by its message.</summary>
/// <typeparam name="T">Message of the action.</typeparam>
internal sealed class ActionKind<T> : ActionKind
    where T : class, IMessage
{
    private readonly Func<ActionMessage, T?> _message;

    public ActionKind(ActionCase @case, string name, Func<ActionMessage, T?> message)
        : base(@case, name) => _message = message;

    public override bool HasDryRun => DryRun is not null;

    public override bool Confirms => Confirmation is not null;

    public override bool AssumesTime => AssumedNow is not null;

    public required Func<T, string> Named { get; init; }

    public (Func<T, bool> Get, System.Action<T> Set)? DryRun { get; init; }

    public System.Action<T, string>? Confirmation { get; init; }

    public System.Action<T, Timestamp>? AssumedNow { get; init; }

    public Func<T, IEnumerable<string>>? ChangedHolds { get; init; }

    public override string Objects(ActionMessage action) => Named(MessageOf(action));

    public override IEnumerable<string> DatasetsWithChangedHolds(ActionMessage action) => ChangedHolds?.Invoke(MessageOf(action)) ?? [];

    internal override bool IsDryRun(ActionMessage action) => DryRun is var (get, _) && get(MessageOf(action));

    internal override void MakeDryRun(ActionMessage action) => (DryRun ?? throw NotOffered()).Set(MessageOf(action));

    internal override void Confirm(ActionMessage action, string confirmation) =>
        (Confirmation ?? throw NotOffered())(MessageOf(action), confirmation);

    internal override void AssumeTime(ActionMessage action, Timestamp now) => (AssumedNow ?? throw NotOffered())(MessageOf(action), now);

    private T MessageOf(ActionMessage action) =>
        _message(action) ?? throw new ArgumentException($"the action is {action.KindCase}, not {Name}", nameof(action));

    private InvalidOperationException NotOffered() => new($"{Name} does not offer this: ask before");
}
