using Fleet.Coordinator.State.Events;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Policies;

/// <summary>
/// Computes the protection state of a policy on a host from what the coordinator knows and its clock, so that missing news never counts as
/// healthy. Pure.
/// </summary>
internal static class ProtectionRules
{
    private static readonly DateTimeOffset Never = DateTimeOffset.FromUnixTimeMilliseconds(long.MaxValue / 100_000);

    /// <summary>
    /// Data at risk comes before work that failed: a policy that fails becomes STALE (or NEVER_RAN) when its freshness time is
    /// over, which is one more alert and not a repeated one.
    /// </summary>
    /// <param name="assignedAt">Since when the policy applies to the host and may run there.</param>
    /// <param name="lastSuccessAt">Start of the newest success. Null if never.</param>
    /// <param name="lastFailed">Whether the newest finished run was tried and did not succeed.</param>
    public static ProtectionState StateOf(
        PolicySpec spec, DateTimeOffset assignedAt, DateTimeOffset? lastSuccessAt, bool lastFailed, DateTimeOffset now)
    {
        if (spec.Paused)
        {
            return ProtectionState.Paused;
        }

        if (PolicyRules.Freshness(spec) is { } freshness && now - (lastSuccessAt ?? assignedAt) > freshness)
        {
            return lastSuccessAt is null ? ProtectionState.NeverRan : ProtectionState.Stale;
        }

        if (lastFailed)
        {
            return ProtectionState.Failing;
        }

        return lastSuccessAt is null ? ProtectionState.Pending : ProtectionState.Ok;
    }

    /// <summary>When the state next changes just because time passes.</summary>
    public static DateTimeOffset NextCheck(PolicySpec spec, DateTimeOffset assignedAt, DateTimeOffset? lastSuccessAt, DateTimeOffset now)
    {
        if (spec.Paused || PolicyRules.Freshness(spec) is not { } freshness)
        {
            return Never;
        }

        var limit = (lastSuccessAt ?? assignedAt) + freshness + TimeSpan.FromMilliseconds(1);
        return limit > now ? limit : Never;
    }

    /// <summary>Takes in the end of a run of the policy that was tried.</summary>
    /// <param name="startedAt">By the host's clock; a clock that is ahead must not make a success count as fresh for longer.</param>
    public static PolicyHostRow AfterRun(
        PolicyHostRow row, bool succeeded, DateTimeOffset startedAt, DateTimeOffset finishedAt, DateTimeOffset now)
    {
        // Rounded as it is stored: events must say what is read later.
        (startedAt, finishedAt) = (Milliseconds(startedAt < now ? startedAt : now), Milliseconds(finishedAt));
        var isNewest = row.LastFinishedAt is not { } last || finishedAt >= last;
        return row with
        {
            LastSuccessAt = succeeded ? Latest(row.LastSuccessAt, startedAt) : row.LastSuccessAt,
            LastFailed = isNewest ? !succeeded : row.LastFailed,
            LastFinishedAt = Latest(row.LastFinishedAt, finishedAt),
        };
    }

    /// <summary>Recomputes the state, with an event if it must be reported and was not.</summary>
    /// <param name="reason">Why the newest run failed. Empty if not known.</param>
    public static (PolicyHostRow Row, NewEvent? Event) Evaluate(PolicySpec spec, PolicyHostRow row, string reason, DateTimeOffset now)
    {
        var state = StateOf(spec, row.AssignedAt, row.LastSuccessAt, row.LastFailed, now);
        var fact = IsAlert(state)
            ? state == row.Announced ? null : ProtectionEvents.Alert(spec, row, state, reason)
            : state == ProtectionState.Ok && IsAlert(row.Announced) ? ProtectionEvents.Recovered(spec, row) : null;
        var after = row with
        {
            State = state,
            Since = state == row.State ? row.Since : now,
            Announced = IsAlert(state) || state == ProtectionState.Ok ? state : row.Announced,
            CheckAt = NextCheck(spec, row.AssignedAt, row.LastSuccessAt, now),
        };
        return (after, fact);
    }

    /// <summary>Whether somebody must be informed of this state.</summary>
    public static bool IsAlert(ProtectionState state) =>
        state is ProtectionState.Failing or ProtectionState.Stale or ProtectionState.NeverRan;

    private static DateTimeOffset Milliseconds(DateTimeOffset instant) =>
        DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());

    private static DateTimeOffset Latest(DateTimeOffset? one, DateTimeOffset other) => one is { } known && known > other ? known : other;
}
