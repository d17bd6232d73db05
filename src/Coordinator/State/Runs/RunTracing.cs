using System.Diagnostics;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>
/// One trace follows a run from schedule to result. A run outlives processes, so its trace and its root span are stored with
/// it, and every later span names them as its parent.
/// </summary>
internal static class RunTracing
{
    /// <summary>Name of the source, for exporters.</summary>
    public const string SourceName = "Fleet.Coordinator";

    /// <summary>The limit in action.proto; more from one host gets no further spans.</summary>
    private const int MostPhases = 50;

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins the trace of a run. Ids exist whether or not anybody listens.</summary>
    public static (string TraceId, string SpanId) Begin(string runId, string policy, string hostName, RunTrigger trigger)
    {
        using var activity = Source.StartActivity("run queue", ActivityKind.Producer, default(ActivityContext));
        if (activity is null)
        {
            return (ActivityTraceId.CreateRandom().ToHexString(), ActivitySpanId.CreateRandom().ToHexString());
        }

        Tag(activity, runId, policy, hostName);
        activity.SetTag("fleet.run.trigger", RunTransitions.TriggerName(trigger));
        return (activity.TraceId.ToHexString(), activity.SpanId.ToHexString());
    }

    /// <summary>A span of a run's trace that lasts until it is disposed. Null if nobody listens.</summary>
    public static Activity? Start(string name, RunRow run)
    {
        var activity = Source.StartActivity(name, ActivityKind.Internal, ContextOf(run));
        if (activity is not null)
        {
            Tag(activity, run.RunId, run.Policy, run.HostName);
            activity.SetTag("fleet.run.attempt", run.Attempt);
        }

        return activity;
    }

    /// <summary>
    /// Writes the span of a run from queueing to its end when the end is known, and before it one for each phase that the agent reported,
    /// by the host's clock.
    /// </summary>
    public static void Finished(RunRow run)
    {
        foreach (var phase in (run.Result?.Phases ?? [])
                .Where(static phase => phase.StartedAt is not null && phase.Duration is not null)
                .Take(MostPhases))
        {
            Tell(run, phase);
        }

        using var activity = Source.StartActivity("run", ActivityKind.Internal, ContextOf(run), startTime: run.QueuedAt);
        if (activity is null)
        {
            return;
        }

        Tag(activity, run.RunId, run.Policy, run.HostName);
        activity.SetTag("fleet.run.state", run.State.ToString());
        activity.SetTag("fleet.run.attempt", run.Attempt);
        if (RunStates.IsFailure(run.State))
        {
            activity.SetStatus(ActivityStatusCode.Error, run.Result?.Message);
        }
    }

    private static void Tell(RunRow run, RunPhase phase)
    {
        var start = phase.StartedAt.ToDateTimeOffset();
        using var activity = Source.StartActivity("run phase", ActivityKind.Internal, ContextOf(run), startTime: start);
        if (activity is null)
        {
            return;
        }

        Tag(activity, run.RunId, run.Policy, run.HostName);
        activity.SetTag("fleet.run.attempt", run.Attempt);
        activity.SetTag("fleet.run.phase", phase.Name);
        var left = DateTimeOffset.MaxValue - start;
        var lasted = phase.Duration.ToTimeSpan();
        activity.SetEndTime((start + (lasted < left ? lasted : left)).UtcDateTime);
    }

    /// <summary>W3C traceparent (https://www.w3.org/TR/trace-context/#traceparent-header) of a run's root span.</summary>
    public static string TraceParent(RunRow run) => run.TraceId.Length == 0 ? "" : $"00-{run.TraceId}-{run.SpanId}-01";

    private static ActivityContext ContextOf(RunRow run) =>
        ActivityContext.TryParse(TraceParent(run), null, isRemote: true, out var context) ? context : default;

    private static void Tag(Activity activity, string runId, string policy, string hostName)
    {
        activity.SetTag("fleet.run.id", runId);
        activity.SetTag("fleet.policy", policy);
        activity.SetTag("fleet.host", hostName);
    }
}
