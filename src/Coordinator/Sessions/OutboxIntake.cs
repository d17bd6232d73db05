using System.Text.RegularExpressions;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.State.Snapshots;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Sessions;

/// <summary>
/// Commits what agents must not lose. Entries are delivered at least once and taken exactly once: by (outbox, sequence), and also by
/// (run, attempt), because an agent may report an attempt again when asked for it.
/// </summary>
internal static partial class OutboxIntake
{
    /// <summary>Commits entries in order, in one transaction.</summary>
    /// <param name="first">
    /// Whether these are the session's first entries: then a jump in the numbers is reported and accepted, or the host would be stuck.
    /// </param>
    /// <exception cref="OutboxOrderException">The numbers jump in the middle of a session.</exception>
    /// <param name="filter">Reduces entries to what the host's budget allows.</param>
    public static IntakeResult Commit(
        StoreTransaction transaction, string hostId, IReadOnlyList<OutboxEntry> entries, bool first, DurableFilter filter)
    {
        var host = HostStore.FindById(transaction, hostId)
            ?? throw new InvalidOperationException($"host {hostId} has a session and no row");
        var (outboxId, sequence) = (host.OutboxId, host.OutboxSequence);
        var finished = new List<RunRow>();
        filter.Begin(transaction, host);
        foreach (var entry in entries)
        {
            if (entry.OutboxId != outboxId)
            {
                (outboxId, sequence) = (entry.OutboxId, entry.Sequence - 1);
            }

            if (entry.Sequence <= sequence)
            {
                continue;
            }

            if (entry.Sequence != sequence + 1)
            {
                if (!first)
                {
                    throw new OutboxOrderException(sequence + 1, entry.Sequence);
                }

                OutboxGaps.Tell(transaction, host, new OutboxGap(outboxId, sequence + 1, entry.Sequence - 1));
            }

            first = false;
            if (filter.Fit(transaction, host, entry) is { } fitted && Take(transaction, host, fitted) is { IsFinal: true } run)
            {
                finished.Add(run);
            }

            sequence = entry.Sequence;
        }

        HostStore.SetOutboxPosition(transaction, hostId, outboxId, sequence);
        filter.Save(transaction, host);
        return new IntakeResult(sequence, finished);
    }

    private static RunRow? Take(StoreTransaction transaction, HostRow host, OutboxEntry entry)
    {
        switch (entry.KindCase)
        {
            case OutboxEntry.KindOneofCase.RunStarted:
                var started = entry.RunStarted;
                return
                    FindOrAdd(
                        transaction,
                        host,
                        "started",
                        started.RunId,
                        started.Policy,
                        started.PolicyRevision,
                        started.Trigger,
                        started.ScheduledAt?.ToDateTimeOffset())
                        is { } run
                    ? RunChanges.Apply(
                        transaction,
                        run,
                        new RunInput.Started(started.Attempt, started.StartedAt?.ToDateTimeOffset() ?? transaction.Now))
                    : null;

            case OutboxEntry.KindOneofCase.RunFinished:
                var finished = entry.RunFinished;
                return
                    FindOrAdd(
                        transaction,
                        host,
                        "finished",
                        finished.RunId,
                        finished.Policy,
                        finished.PolicyRevision,
                        finished.Trigger,
                        finished.ScheduledAt?.ToDateTimeOffset())
                        is { } ended
                    ? Finish(transaction, ended, finished.Attempt, finished.Result ?? new ActionResult())
                    : null;

            case OutboxEntry.KindOneofCase.Notice:
                TellNotice(transaction, host, entry);
                return null;

            default:
                // A newer agent sends an entry that is not known here: it must not block what follows.
                TellUnknown(transaction, host, entry);
                return null;
        }
    }

    private static RunRow? Finish(StoreTransaction transaction, RunRow run, int attempt, ActionResult result)
    {
        var changed = RunChanges.Apply(transaction, run, new RunInput.Finished(attempt, result));
        if (changed is not null)
        {
            RunSnapshots.Take(transaction, changed, result);
        }

        return changed;
    }

    private static RunRow? FindOrAdd(
        StoreTransaction transaction,
        HostRow host,
        string what,
        string runId,
        string policyName,
        long policyRevision,
        RunTrigger trigger,
        DateTimeOffset? scheduledAt)
    {
        var known = RunStore.Find(transaction, runId);
        if (RunClaims.Problem(transaction, host, known, runId, policyName, scheduledAt) is { } problem)
        {
            RunClaims.Refuse(transaction, host, what, runId, policyName, scheduledAt, problem);
            return null;
        }

        if (known is not null)
        {
            return known;
        }

        var run = RunFactory.FromAgent(
            PolicyStore.Find(transaction, policyName),
            policyName,
            policyRevision,
            host.HostId,
            host.Name,
            runId,
            trigger == RunTrigger.Unspecified ? RunTrigger.AgentSchedule : trigger,
            scheduledAt ?? transaction.Now,
            transaction.Now);
        RunChanges.Add(transaction, run);
        if (scheduledAt is { } instant)
        {
            ProtectionStore.CoverAtLeast(transaction, policyName, host.HostId, instant);
        }

        return run;
    }

    private static void TellNotice(StoreTransaction transaction, HostRow host, OutboxEntry entry)
    {
        var notice = entry.Notice;
        var code = CodePattern().IsMatch(notice.Code) ? notice.Code : "notice";
        var severity = code switch
        {
            "state_damaged" or "lvm_merge_lost" => EventSeverity.Error,
            "mount_left" or "lvm_merge_unwatched" or "metrics_dropped" or "configuration_refused" or "guard_refused" or "safety_refused"
                or AgentEdge.RefusedCode or "coordinator_message_refused" or "policy_refused" => EventSeverity.Warning,
            _ => EventSeverity.Info,
        };
        EventAppender.Append(transaction, new NewEvent(EventTypes.AgentPrefix + code, severity, WireText.Cut(notice.Message, 2_000))
        {
            HostId = host.HostId,
            HostName = host.Name,
            Policy = WireText.Cut(notice.Attributes.TryGetValue("policy", out var policy) ? policy : "", 63),
            RunId = OwnRun(transaction, host, notice.Attributes.TryGetValue("run_id", out var runId) ? runId : ""),
            OccurredAt = entry.RecordedAt?.ToDateTimeOffset(),
            Attributes = notice.Attributes.Take(20).ToDictionary(a => WireText.Cut(a.Key, 100), a => WireText.Cut(a.Value, 1_000)),
        });
    }

    private static void TellUnknown(StoreTransaction transaction, HostRow host, OutboxEntry entry) =>
        EventAppender.Append(transaction, new NewEvent(
            EventTypes.AgentPrefix + "unknown_entry",
            EventSeverity.Warning,
            $"{host.Name} sent something that this coordinator does not understand: upgrade the coordinator first, then the agents")
        {
            HostId = host.HostId,
            HostName = host.Name,
            OccurredAt = entry.RecordedAt?.ToDateTimeOffset(),
        });

    /// <summary>Makes sure that an event of one host does not appear among those of another host's run.</summary>
    private static string OwnRun(StoreTransaction transaction, HostRow host, string runId) =>
        runId.Length > 0 && RunStore.Find(transaction, runId)?.HostId == host.HostId ? runId : "";

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}\\z")]
    private static partial Regex CodePattern();
}
