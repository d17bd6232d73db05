namespace Fleet.Coordinator.State.Events;

/// <summary>
/// All types of event that the coordinator records. docs/events.md lists them with their attributes, and a test compares the two.
/// </summary>
internal static class EventTypes
{
    public const string HostEnrolled = "host.enrolled";
    public const string HostConnected = "host.connected";
    public const string HostDisconnected = "host.disconnected";
    public const string HostOffline = "host.offline";
    public const string HostRebooted = "host.rebooted";
    public const string HostClockSkew = "host.clock_skew";
    public const string HostDuplicateIdentity = "host.duplicate_identity";
    public const string HostDuplicateCleared = "host.duplicate_cleared";
    public const string HostCloneSuspected = "host.clone_suspected";
    public const string HostOutboxGap = "host.outbox_gap";
    public const string HostClaimRefused = "host.claim_refused";
    public const string HostDispatchStalled = "host.dispatch_stalled";
    public const string HostDispatchResumed = "host.dispatch_resumed";
    public const string HostOverBudget = "host.over_budget";
    public const string HostRemoved = "host.removed";

    public const string PolicyCreated = "policy.created";
    public const string PolicyUpdated = "policy.updated";
    public const string PolicyDeleted = "policy.deleted";
    public const string PolicyFailing = "policy.failing";
    public const string PolicyStale = "policy.stale";
    public const string PolicyNeverRan = "policy.never_ran";
    public const string PolicyRecovered = "policy.recovered";
    public const string PolicyScheduleStalled = "policy.schedule_stalled";
    public const string PolicyScheduleResumed = "policy.schedule_resumed";
    public const string PolicyDestinationsOverlap = "policy.destinations_overlap";
    public const string PolicyDestinationsApart = "policy.destinations_apart";

    public const string RunQueued = "run.queued";
    public const string RunStarted = "run.started";
    public const string RunOverdue = "run.overdue";
    public const string RunRetrying = "run.retrying";
    public const string RunSucceeded = "run.succeeded";
    public const string RunFailed = "run.failed";
    public const string RunCancelled = "run.cancelled";
    public const string RunTimedOut = "run.timed_out";
    public const string RunExpired = "run.expired";
    public const string RunRefused = "run.refused";
    public const string RunInterrupted = "run.interrupted";
    public const string RunSkipped = "run.skipped";

    public const string SnapshotCreated = "snapshot.created";
    public const string SnapshotDestroyed = "snapshot.destroyed";
    public const string SnapshotVanished = "snapshot.vanished";

    public const string MetricsSeriesRefused = "metrics.series_refused";

    public const string CoordinatorStoreRecovered = "coordinator.store_recovered";
    public const string CoordinatorStoreDamaged = "coordinator.store_damaged";
    public const string CoordinatorClockJumped = "coordinator.clock_jumped";
    public const string CoordinatorClockTrusted = "coordinator.clock_trusted";

    /// <summary>Prefix, followed by the code of the agent's notice, for example "agent.state_damaged".</summary>
    public const string AgentPrefix = "agent.";
}
