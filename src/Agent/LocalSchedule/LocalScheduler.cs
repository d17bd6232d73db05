using Fleet.Agent.Clock;
using Fleet.Agent.Edge;
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

    private readonly Dictionary<string, DateTimeOffset> _fired = [];
    private DateTimeOffset _coveredBySession = DateTimeOffset.MinValue;
    private long _cutOffSince = time.GetTimestamp();

    /// <summary>Called every second or so.</summary>
    /// <param name="connected">True: the coordinator takes care.</param>
    public void Tick(bool connected)
    {
        var now = time.GetUtcNow();
        if (connected)
        {
            _coveredBySession = now - DeadPathTime;
            _cutOffSince = time.GetTimestamp();
            return;
        }

        var assignment = assignments.Current;
        if (settings.HostId.Length == 0 || time.GetElapsedTime(_cutOffSince) < assignment.Grace)
        {
            return;
        }

        foreach (var policy in assignment.Policies)
        {
            if (Due(policy, now) is { } instant)
            {
                Fire(policy, instant);
            }
        }
    }

    /// <summary>The newest instant that is due and nobody has taken care of; older ones that were missed are not made up for.</summary>
    private DateTimeOffset? Due(HostPolicy policy, DateTimeOffset now)
    {
        if (policy.Paused || policy.Every is not { } every)
        {
            return null;
        }

        var schedule = new IntervalSchedule(every, ScheduleSpread.Offset(policy.Name, settings.HostId, policy.SpreadBound));
        if (schedule.NextAfter(now - every) is not { } instant || instant > now)
        {
            return null;
        }

        return instant > Covered(policy, now) && instant + policy.ExpireAfter > now && !runs.IsBusy(policy.Name) && !isKnownRun(RunOrder.IdOf(policy, settings.HostId, instant))
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

    [LoggerMessage(LogLevel.Information, "Cut off from the coordinator: firing policy {Policy} for {Instant:O} as run {RunId}")]
    private partial void LogFires(string policy, DateTimeOffset instant, string runId);
}
