using System.Globalization;

namespace Fleet.Schedules.Retention;

/// <summary>
/// Why a copy stays or goes, by one rule of one policy. The words are made when they are asked for: a plan of 100,000 copies is mostly
/// reasons that nobody reads.
/// </summary>
public readonly record struct RetentionReason
{
    private readonly int _number;
    private readonly int _of;
    private readonly DateTimeOffset _local;
    private readonly string? _detail;

    internal RetentionReason(string policy, RetentionRule rule, string? detail = null)
    {
        Policy = policy;
        Rule = rule;
        _detail = detail;
    }

    internal RetentionReason(string policy, RetentionRule rule, int number, int of, DateTimeOffset local = default)
    {
        Policy = policy;
        Rule = rule;
        _number = number;
        _of = of;
        _local = local;
    }

    /// <summary>The policy that says so.</summary>
    public string Policy { get; }

    /// <summary>The rule that says so.</summary>
    public RetentionRule Rule { get; }

    /// <summary>
    /// The rule's word for machines, the first word of <see cref="Text"/>; never renamed. <c>daily</c>, <c>guard-floor</c>, <c>unkept</c>.
    /// </summary>
    public string Code => Rule switch
    {
        RetentionRule.Last => "last",
        RetentionRule.Hourly => "hourly",
        RetentionRule.Daily => "daily",
        RetentionRule.Weekly => "weekly",
        RetentionRule.Monthly => "monthly",
        RetentionRule.Yearly => "yearly",
        RetentionRule.Within => "within",
        RetentionRule.Protected => "protected",
        RetentionRule.Held => "held",
        RetentionRule.ReplicationBase => "replication-base",
        RetentionRule.Cloned => "cloned",
        RetentionRule.Newest => "newest",
        RetentionRule.Floor => "floor",
        RetentionRule.GuardFloor => "guard-floor",
        RetentionRule.GuardAge => "guard-age",
        RetentionRule.Future => "future",
        RetentionRule.Incomplete => "incomplete",
        RetentionRule.NoRules => "no-rules",
        RetentionRule.Clock => "clock",
        RetentionRule.Unkept => "unkept",
        RetentionRule.Superseded => "superseded",
        _ => throw new InvalidOperationException($"rule {(int)Rule} has no word"),
    };

    /// <summary>
    /// One line for people, without names from outside: <c>daily 3 of 7: 2026-11-22</c>, <c>hourly 1 of all: 2026-10-25T02:00+01:00</c>,
    /// <c>weekly 2 of 4: 2026-W47</c>, <c>floor 2 of 3</c>, <c>unkept: no rule keeps it</c>.
    /// </summary>
    public string Text => Rule switch
    {
        RetentionRule.Last or RetentionRule.Floor or RetentionRule.GuardFloor => Counted,
        RetentionRule.Hourly or RetentionRule.Daily or RetentionRule.Weekly or RetentionRule.Monthly or RetentionRule.Yearly =>
            $"{Counted}: {Periods.Label(Rule, _local)}",
        RetentionRule.Protected => "protected: outside every count",
        RetentionRule.Held => "held: outside every count",
        RetentionRule.ReplicationBase => "replication-base: a replica still needs it",
        RetentionRule.Cloned => "cloned: a clone depends on it",
        RetentionRule.Newest => "newest: the newest good one",
        RetentionRule.Future => "future: dated in the future, outside every count",
        RetentionRule.Incomplete => "incomplete: newer than the newest good one",
        RetentionRule.NoRules => "no-rules: without a rule nothing is destroyed",
        RetentionRule.Unkept => "unkept: no rule keeps it",
        RetentionRule.Superseded => "superseded: incomplete, and there is a newer good one",
        RetentionRule.Clock => _detail!,
        _ => $"{Code}: {_detail}",
    };

    private string Counted => string.Create(
        CultureInfo.InvariantCulture,
        $"{Code} {_number} of {(_of == KeepRules.All ? "all" : _of.ToString(CultureInfo.InvariantCulture))}");

    /// <inheritdoc/>
    public override string ToString() => Text;
}
