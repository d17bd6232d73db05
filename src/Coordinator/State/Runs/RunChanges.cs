using System.Globalization;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>
/// Creates runs and stores what happens to them, together with the events and the policy's protection state, in one transaction.
/// </summary>
internal static class RunChanges
{
    /// <summary>Adds a run, unless its id is known. Records no event.</summary>
    /// <returns>True if it was added.</returns>
    public static bool Add(StoreTransaction transaction, RunRow run)
    {
        if (!RunStore.Insert(transaction, run))
        {
            return false;
        }

        if (run.CountsForProtection)
        {
            ProtectionStore.SetLastRun(transaction, run.Policy, run.HostId, run.RunId);
        }

        return true;
    }

    /// <summary>Adds a waiting run and its event run.queued, unless its id is known.</summary>
    public static bool Enqueue(StoreTransaction transaction, RunRow run)
    {
        if (!Add(transaction, run))
        {
            return false;
        }

        EventAppender.Append(transaction, new NewEvent(EventTypes.RunQueued, EventSeverity.Info, $"{run.Title} queued for {run.HostName}")
        {
            HostId = run.HostId,
            HostName = run.HostName,
            Policy = run.Policy,
            RunId = run.RunId,
            Attributes = QueuedAttributes(run),
        });
        return true;
    }

    /// <summary>Applies an input to a run: computes the <see cref="RunStep"/> and stores it.</summary>
    /// <returns>The run afterwards; null if nothing changed.</returns>
    public static RunRow? Apply(StoreTransaction transaction, RunRow run, RunInput input)
    {
        var step = RunStep.Of(run, input, Protection(transaction, run, input), transaction.Now, Random.Shared);
        if (step.Replaced is { } replaced)
        {
            RunStore.KeepResult(transaction, run.RunId, replaced);
        }

        if (step.Attempt is { } attempt)
        {
            RunStore.AddAttempt(transaction, run.RunId, attempt.Number, attempt.Result);
        }

        if (step.Row is { } row)
        {
            RunStore.Save(transaction, row);
        }

        if (step.Protection is { } protection)
        {
            ProtectionStore.Save(transaction, protection);
        }

        foreach (var fact in step.Events)
        {
            EventAppender.Append(transaction, fact);
        }

        return step.Row;
    }

    /// <summary>The state of the run's policy on its host, if the input could change it. Null if it cannot.</summary>
    private static RunProtection? Protection(StoreReader reader, RunRow run, RunInput input) =>
        RunStep.MayTouchProtection(run, input)
        && PolicyStore.Find(reader, run.Policy) is { } policy
        && ProtectionStore.Find(reader, run.Policy, run.HostId) is { } row
            ? new RunProtection(policy.Spec, row)
            : null;

    private static Dictionary<string, string> QueuedAttributes(RunRow run)
    {
        var attributes = new Dictionary<string, string>
        {
            ["trigger"] = RunTransitions.TriggerName(run.Trigger),
            ["scheduled_at"] = run.ScheduledAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["requested_by"] = run.RequestedBy,
        };
        if (run.Note.Length > 0)
        {
            attributes["note"] = run.Note;
        }

        return attributes;
    }
}
