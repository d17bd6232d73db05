using Fleet.Agent.Edge;
using Fleet.Agent.Host;
using Fleet.Agent.Runs;
using Fleet.Protocol.Edge;
using Fleet.Schedules;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.LocalSchedule;

/// <summary>
/// Fires this host's policies while it is cut off from the coordinator: only after the grace period, only instants that the
/// coordinator has not taken care of, and at most one for what was missed. Run ids are those that the coordinator would give,
/// so that both name the same run.
/// </summary>
internal sealed partial class LocalScheduler(
    AssignmentStore assignments, RunManager runs, Func<RunId, bool> isKnownRun, RunSettings settings, TimeProvider time, ILogger logger)
{
    // A session counts as alive for up to three heartbeats after its last message: what fell due then may not have been sent.
    private static readonly TimeSpan DeadPathTime = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The wall clock can be set, which nobody tells, and a policy that was busy can become free: so it is looked at again after this.
    /// </summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, DateTimeOffset> _fired = [];
    private DateTimeOffset _coveredBySession = DateTimeOffset.MinValue;
    private long _cutOffSince = time.GetTimestamp();

    /// <summary>Called when a session has begun or ended, and while there is none when it asked to be.</summary>
    /// <param name="connected">True if the coordinator takes care, or has until now.</param>
    /// <returns>When to call it again at the latest; <see cref="Timeout.InfiniteTimeSpan"/>: when the session ends.</returns>
    public TimeSpan Tick(bool connected)
    {
        var now = time.GetUtcNow();
        if (connected)
        {
            _coveredBySession = now - DeadPathTime;
            _cutOffSince = time.GetTimestamp();
            return Timeout.InfiniteTimeSpan;
        }

        var assignment = assignments.Current;
        if (settings.HostId.Length == 0)
        {
            return LongestPause;
        }

        if (assignment.Grace - time.GetElapsedTime(_cutOffSince) is var grace && grace > TimeSpan.Zero)
        {
            return grace < LongestPause ? grace : LongestPause;
        }

        var pause = LongestPause;
        foreach (var policy in assignment.Policies)
        {
            if (Due(policy, now) is { } instant)
            {
                Fire(policy, instant);
            }

            if (!policy.Paused && ScheduleOf(policy)?.NextAfter(now) is { } next && next - now < pause)
            {
                pause = next - now;
            }
        }

        return pause;
    }

    private IntervalSchedule? ScheduleOf(HostPolicy policy) =>
        policy.Every is { } every
            ? new IntervalSchedule(every, ScheduleSpread.Offset(policy.Name, settings.HostId, policy.SpreadBound))
            : null;

    /// <summary>The newest instant that is due and nobody has taken care of; older ones that were missed are not made up for.</summary>
    private DateTimeOffset? Due(HostPolicy policy, DateTimeOffset now)
    {
        if (policy.Paused
            || policy.Every is not { } every
            || ScheduleOf(policy)?.NextAfter(now - every) is not { } instant
            || instant > now)
        {
            return null;
        }

        return instant > Covered(policy, now)
            && instant + policy.ExpireAfter > now
            && !runs.IsBusy(policy.Name)
            && !isKnownRun(RunOrder.IdOf(policy, settings.HostId, instant))
            ? instant : null;
    }

    /// <summary>
    /// Up to when somebody took care. What lies ahead was said by a clock that was wrong, here or at the coordinator, and must not silence
    /// the schedule until then: ids and the journal make sure that nothing runs twice.
    /// </summary>
    private DateTimeOffset Covered(HostPolicy policy, DateTimeOffset now)
    {
        DateTimeOffset? fired = _fired.TryGetValue(policy.Name, out var newest) ? newest : null;
        DateTimeOffset?[] told = [policy.CoveredUntil, _coveredBySession, fired];
        return told.Where(instant => instant <= now + CoordinatorClock.LargestDifference).Max() ?? DateTimeOffset.MinValue;
    }

    private void Fire(HostPolicy policy, DateTimeOffset instant)
    {
        _fired[policy.Name] = instant;
        var order = RunOrder.Scheduled(policy, settings.HostId, instant);
        LogFires(policy.Name, instant, order.RunId);
        runs.Submit(order);
    }
}
