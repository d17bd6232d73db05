using System.Text;
using Fleet.Agent.Retention;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;
using KeepRules = Fleet.Schedules.Retention.KeepRules;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>
/// Which of a policy's trees go. Good trees and the others (incomplete, far smaller than before) are planned apart: the others never push a
/// good one out. Pure but for the clock that it is given.
/// </summary>
internal sealed record VersionThinning
{
    /// <summary>
    /// Less than this share of the last good tree asks, when the policy gives none. Unit: per cent, as RsyncAction.min_percent_of_last.
    /// </summary>
    public const int DefaultMinPercent = 50;

    /// <summary>What goes when it may. Oldest first.</summary>
    public required IReadOnlyList<VersionRecord> Doomed { get; init; }

    public required RetentionPlanState State { get; init; }

    /// <summary>For a plan that asks or is refused: the reason, one line.</summary>
    public required string? Why { get; init; }

    public bool MayRemove => State == RetentionPlanState.Ready;

    /// <summary>Names exactly what would go.</summary>
    public byte[] Subject => Encoding.UTF8.GetBytes(string.Join('\n', Doomed.Select(Identity).Order(StringComparer.Ordinal)));

    /// <summary>What the policy wants. Null if it keeps all, or if <paramref name="problem"/> says why it is not understood.</summary>
    public static RetentionPolicy? Rules(string policy, RsyncAction action, out string problem)
    {
        problem = "";
        return action.Retention is not null ? RetentionSettings.Read(policy, action.Retention, out problem)
            : action.KeepVersions > 0
                ? new RetentionPolicy { Name = policy, Keep = new KeepRules { Last = Math.Min(action.KeepVersions, int.MaxValue - 1) + 1 } }
            : null;
    }

    /// <param name="trees">The policy's own, without those that are still written.</param>
    public static VersionThinning Plan(RetentionPolicy rules, IReadOnlyList<VersionRecord> trees, ClockCheck clock, RetentionGuard guard)
    {
        RetentionPlan[] plans =
        [
            RetentionPlanner.Plan(rules, trees.Where(t => t.IsGood).Select(Candidate), clock, guard),
            RetentionPlanner.Plan(rules, trees.Where(t => !t.IsGood).Select(Candidate), clock, guard),
        ];
        var worst = plans.MaxBy(p => p.State)!;
        var doomed = plans.SelectMany(p => p.Decisions).Where(d => d.Verdict == RetentionVerdict.Destroy).Select(d => d.Candidate.Identity)
            .ToHashSet();
        return new VersionThinning
        {
            Doomed = [.. trees.Where(t => doomed.Contains(Identity(t))).OrderBy(t => t.Instant)],
            State = worst.State,
            Why = worst.Why,
        };
    }

    /// <summary>Why a new tree may not count as a copy yet; null if it may.</summary>
    /// <param name="trees">The policy's trees before the new one.</param>
    public static string? Shrinkage(RsyncAction action, RsyncStatistics now, IReadOnlyList<VersionRecord> trees)
    {
        var least = (action.HasMinPercentOfLast ? action.MinPercentOfLast : DefaultMinPercent) / 100m;
        return trees.Where(t => t.IsGood).MaxBy(t => t.Instant) is not { Entries: > 0 } last ? null
            : now.Files < last.Entries * least ? $"it holds {now.Files} entries, the last good one {last.Folder} held {last.Entries}"
            : now.TotalBytes < last.Bytes * least ? $"it holds {now.TotalBytes} bytes, the last good one {last.Folder} held {last.Bytes}"
            : null;
    }

    private static string Identity(VersionRecord tree) => $"{tree.Folder} {tree.Inode}";

    private static RetentionCandidate Candidate(VersionRecord tree) => new()
    {
        Identity = Identity(tree),
        Name = tree.Folder,
        CreatedAt = tree.Instant,
        IsComplete = true,
    };
}
