using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Logging;
using Fleet.Agent.Retention;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;
using Google.Protobuf;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>What a policy's trees are at one moment: what goes of them, and what a person must decide before.</summary>
internal sealed class VersionState
{
    private readonly ActionContext _context;
    private readonly VersionRecord[] _trees;

    /// <param name="rules">Null if all are kept.</param>
    /// <param name="trees">The policy's own, without those that are still written.</param>
    public VersionState(ActionContext context, RetentionPolicy? rules, IReadOnlyList<VersionRecord> trees, RetentionClock clock)
    {
        _context = context;
        _trees = [.. trees];
        var hasShrunk = rules is not null && trees.Where(t => !t.Incomplete).MaxBy(t => t.Instant) is { Shrunken: true };
        Unconfirmed = hasShrunk ? [.. trees.Where(t => t.Shrunken)] : [];
        if (rules is not null)
        {
            // What is planned is what a yes would lead to.
            Thinning = Plan(rules, [.. trees.Select(t => t with { Shrunken = t.Shrunken && Unconfirmed.Count == 0 })], clock);
        }
    }

    /// <summary>Null if the policy keeps all, or if the clock could not be judged.</summary>
    public VersionThinning? Thinning { get; }

    /// <summary>Far smaller than the last good tree, and newer than it.</summary>
    public IReadOnlyList<VersionRecord> Unconfirmed { get; }

    /// <summary>Why nothing is thinned although nobody is asked: the clock. Null if there is no reason.</summary>
    public string? Stopped { get; private set; }

    public bool IsForeign(OwnerMarker? owner) => owner is not null && !owner.IsOf(_context);

    /// <param name="owner">Of the folder. Null if nobody.</param>
    public RsyncQuestion Question(OwnerMarker? owner)
    {
        var question = new RsyncQuestion();
        if (IsForeign(owner))
        {
            question.Add($"the folder of dated trees belongs to {owner!.Describe(_context)}", OwnerFile.Content(owner));
        }

        if (Unconfirmed.Count > 0)
        {
            question.Add(
                $"the newest tree holds far less than the last good one, so it does not count as a copy yet ({Unconfirmed.Count} such "
                    + $"tree(s))",
                string.Join('\n', Unconfirmed.Select(t => t.Folder)));
        }

        if (Thinning is { State: RetentionPlanState.Asks, Why: { } why })
        {
            question.Add(why, Thinning.Subject);
        }
        else if (question.Asks && Thinning is not null)
        {
            question.Include(Thinning.Subject);
        }

        return question;
    }

    public bool MayThin(RsyncQuestion question, bool isConfirmed) =>
        Thinning is { State: not RetentionPlanState.Refused } && (isConfirmed || (!question.Asks && Thinning.MayRemove));

    /// <param name="what">What was done nevertheless.</param>
    public ActionResult Asked(RsyncQuestion question, string what) => new()
    {
        Outcome = ActionOutcome.Failed,
        Message = $"{what}: {question.Why}; {question.HowToConfirm(_context)}",
        RsyncPlan = Plan(question),
    };

    public RsyncPlan Plan(RsyncQuestion question) => new()
    {
        WouldDelete = Thinning?.Doomed.Count ?? 0,
        Deletions = { Thinning?.Doomed.Take(1_000).Select(t => ByteString.CopyFromUtf8($"{t.Folder}/")) ?? [] },
        Confirmation = question.Digits(_context.Action.Rsync),
    };

    /// <summary>As if the tree of this run were there already.</summary>
    public VersionState With(VersionRecord tree, RetentionPolicy? rules, RetentionClock clock) =>
        new(_context, rules, [.. _trees, tree], clock);

    private VersionThinning? Plan(RetentionPolicy rules, IReadOnlyList<VersionRecord> trees, RetentionClock clock)
    {
        var action = _context.Action.Rsync;
        if (action.Retention is null)
        {
            // A number of trees needs their order, and no clock. Of a newer one than this run's it is not clear what is older.
            var now = _context.Time.GetUtcNow();
            var plan = VersionThinning.Plan(
                rules, trees, ClockCheck.Assume(now > _context.ScheduledAt ? now : _context.ScheduledAt), _context.Guard.Versions);
            if (plan.Doomed.Count > 0 && trees.FirstOrDefault(t => t.Instant > _context.ScheduledAt) is { } ahead)
            {
                Stopped = $"no older tree was removed: {ahead.Folder} is newer than this run, so the clock is or was wrong";
                return plan with { State = RetentionPlanState.Refused, Why = Stopped, Doomed = [] };
            }

            return plan;
        }

        ClockCheck check;
        try
        {
            check = clock.Check(remember: !action.DryRun);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Stopped = $"no older tree was removed, because the clock could not be judged: {LogText.Escape(e.Message)}";
            return null;
        }

        var thinning = VersionThinning.Plan(rules, trees, check, _context.Guard.Versions);
        Stopped = thinning.State == RetentionPlanState.Refused ? $"no older tree was removed: {thinning.Why}" : null;
        return thinning;
    }
}
