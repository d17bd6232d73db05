using Fleet.Agent.Runs;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.LocalSchedule;

/// <summary>
/// Fires this host's policies while it is cut off from the coordinator: only after the grace period, only instants that the
/// coordinator has not taken care of, and at most one for what was missed. Run ids are those that the coordinator would give,
/// so that both name the same run.
/// </summary>
internal sealed partial class LocalScheduler(
    AssignmentStore assignments, RunManager runs, Func<string, bool> isKnownRun, RunSettings settings, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromMinutes(1);

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
        var grace = assignment.AutonomyGrace?.ToTimeSpan() ?? DefaultGrace;
        if (settings.HostId.Length == 0 || time.GetElapsedTime(_cutOffSince) < grace)
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
    private DateTimeOffset? Due(AssignedPolicy policy, DateTimeOffset now)
    {
        var spec = policy.Spec;
        if (spec.Paused || spec.Schedule is null || spec.Schedule.KindCase != Schedule.KindOneofCase.Every)
        {
            return null;
        }

        var every = spec.Schedule.Every.ToTimeSpan();
        if (every < IntervalSchedule.Shortest)
        {
            return null;
        }

        var bound = spec.Schedule.Spread?.ToTimeSpan() ?? (every < ScheduleSpread.DefaultBound ? every : ScheduleSpread.DefaultBound);
        var schedule = new IntervalSchedule(every, ScheduleSpread.Offset(spec.Name, settings.HostId, bound));
        if (schedule.NextAfter(now - every) is not { } instant || instant > now)
        {
            return null;
        }

        var covered = policy.CoveredUntil?.ToDateTimeOffset() ?? DateTimeOffset.MinValue;
        covered = covered > _coveredBySession ? covered : _coveredBySession;
        if (_fired.TryGetValue(spec.Name, out var fired) && fired > covered)
        {
            covered = fired;
        }

        var expireAfter = spec.ExpireAfter?.ToTimeSpan() ?? every;
        return instant > covered && instant + expireAfter > now && !runs.IsBusy(spec.Name) && !isKnownRun(RunId(spec, instant)) ? instant : null;
    }

    private void Fire(AssignedPolicy policy, DateTimeOffset instant)
    {
        var spec = policy.Spec;
        _fired[spec.Name] = instant;
        var runId = RunId(spec, instant);
        LogFires(spec.Name, instant, runId);
        runs.Submit(new RunCommand
        {
            RunId = runId,
            Attempt = 1,
            Policy = spec.Name,
            PolicyRevision = policy.Revision,
            Action = spec.Action,
            Timeout = spec.Timeout,
            ScheduledAt = Timestamp.FromDateTimeOffset(instant),
            ExpiresAt = Timestamp.FromDateTimeOffset(instant + (spec.ExpireAfter?.ToTimeSpan() ?? spec.Schedule.Every.ToTimeSpan())),
            Trigger = RunTrigger.AgentSchedule,
        });
    }

    private string RunId(PolicySpec spec, DateTimeOffset instant) => ScheduledRunId.Derive(spec.Name, settings.HostId, instant);

    [LoggerMessage(LogLevel.Information, "Cut off from the coordinator: firing policy {Policy} for {Instant:O} as run {RunId}")]
    private partial void LogFires(string policy, DateTimeOffset instant, string runId);
}
