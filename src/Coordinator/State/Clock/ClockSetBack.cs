using Fleet.Coordinator.Storage;
using Fleet.Protocol.Edge;

namespace Fleet.Coordinator.State.Clock;

/// <summary>
/// What a clock that was ahead left in the future, once it is set back: a success there would count as fresh, a pause would not end, a host
/// that left would not be missed, until that time comes. Instants that only tell what happened stay as they are.
/// </summary>
internal static class ClockSetBack
{
    /// <summary>Changes nothing where nothing lies ahead.</summary>
    public static void Repair(StoreTransaction transaction)
    {
        var now = ("$now", (object?)transaction.Now.ToColumn());
        transaction.Execute(
            """
            UPDATE policy_hosts SET assigned_at = min(assigned_at, $now), covered_until = min(covered_until, $now), last_success_at = min(last_success_at, $now),
                state_since = min(state_since, $now), check_at = min(check_at, $now)
            WHERE max(assigned_at, covered_until, coalesce(last_success_at, 0), state_since) > $now
            """,
            now);
        transaction.Execute(
            """
            UPDATE hosts SET disconnected_at = min(disconnected_at, $now), duplicate_at = min(duplicate_at, $now), outbox_gap_at = min(outbox_gap_at, $now)
            WHERE max(coalesce(disconnected_at, 0), coalesce(duplicate_at, 0), coalesce(outbox_gap_at, 0)) > $now
            """,
            now);
        transaction.Execute(
            "UPDATE runs INDEXED BY runs_open SET not_before = $now WHERE state <= 3 AND state = 1 AND not_before > $latest",
            now,
            ("$latest", (transaction.Now + PolicyLimits.LongestBackoff).ToColumn()));
    }
}
