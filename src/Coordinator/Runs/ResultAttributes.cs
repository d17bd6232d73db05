using System.Globalization;
using Fleet.Coordinator.Snapshots;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Runs;

/// <summary>What events say about the result of an attempt: docs/events.md.</summary>
internal static class ResultAttributes
{
    public static Dictionary<string, string> Of(RunRow run, ActionResult result)
    {
        var attributes = new Dictionary<string, string>
        {
            ["attempt"] = Text(run.Attempt),
            ["trigger"] = RunTransitions.TriggerName(run.Trigger),
        };
        if (run.Note.Length > 0)
        {
            attributes["note"] = run.Note;
        }

        if (run.Action.IsDryRun)
        {
            attributes["dry_run"] = "true";
        }

        if (result.HasExitCode)
        {
            attributes["exit_code"] = Text(result.ExitCode);
        }

        if (result.HasSignal)
        {
            attributes["signal"] = Text(result.Signal);
        }

        if (result.Duration is { } duration)
        {
            attributes["duration_seconds"] = (duration.Seconds + (duration.Nanos / 1e9)).ToString("0.###", CultureInfo.InvariantCulture);
        }

        if (result.RefusedBy.Length > 0)
        {
            attributes["refused_by"] = result.RefusedBy;
        }

        if (Refusals.SourceOf(result) is { } source)
        {
            attributes["refusal_source"] = source == RefusalSource.Guard ? "guard" : "safety_rule";
        }

        // rsync counts as if it had done what a dry run only looks at.
        if (result.Rsync is { } rsync && !run.Action.IsDryRun)
        {
            attributes["files"] = Text(rsync.Files);
            attributes["files_transferred"] = Text(rsync.FilesTransferred);
            attributes["total_bytes"] = Text(rsync.TotalBytes);
            attributes["transferred_bytes"] = Text(rsync.TransferredBytes);
        }

        if (result.RsyncPlan is { } plan)
        {
            attributes["would_write"] = Text(plan.WouldWrite);
            attributes["would_delete"] = Text(plan.WouldDelete);
            AddConfirmation(attributes, Cut(plan.Confirmation));
        }

        if (result.ZfsPrune is { } prune)
        {
            attributes["destroyed"] = Text(prune.DestroyedTotal);
            attributes["reclaimed_bytes"] = Text(prune.ReclaimedBytes);
            AddConfirmation(attributes, prune.Confirmation);
        }

        if (result.LvmPrune is { } removed)
        {
            attributes["destroyed"] = Text(removed.DestroyedTotal);
            AddConfirmation(attributes, removed.Confirmation);
        }

        if (result.ZfsSnapshot is { } snapshot)
        {
            attributes["snapshots"] = Text(snapshot.SnapshotsTotal);
            attributes["unchanged_pools"] = Text(snapshot.UnchangedPools.Count);
        }

        if (result.ZfsReplicate is { } replication)
        {
            attributes["replicas"] = Text(replication.ReplicasTotal);
            attributes["replicas_current"] = Text(replication.CurrentTotal);
            attributes["snapshots"] = Text(replication.SnapshotsSent);
            attributes["sent_bytes"] = Text(replication.SentBytes);
            attributes["resumed"] = Text(replication.Resumed);
            foreach (var (name, state) in new[] { ("replicas_diverged", ZfsReplicaState.Diverged), ("replicas_away", ZfsReplicaState.Away) })
            {
                if (replication.Replicas.Count(r => r.State == state) is var count and > 0)
                {
                    attributes[name] = Text(count);
                }
            }
        }

        if (result.ZfsScrub is { } scrub)
        {
            attributes["scrub_errors"] = Text(scrub.Pools.Sum(p => p.Errors));
            attributes["repaired_bytes"] = Text(scrub.Pools.Sum(p => p.RepairedBytes));
            attributes["data_errors"] = Text(scrub.Pools.Sum(p => p.DataErrors));
        }

        if (result.ZfsRollback is { } rollback)
        {
            attributes["dataset"] = rollback.Dataset;
            attributes["destroyed"] = Text(rollback.Destroyed.Count);
            attributes["destroyed_clones"] = Text(rollback.DestroyedClones.Count);
            attributes["lost_bytes"] = Text(rollback.LostBytes);
        }

        if (result.ZfsClone is { } clone)
        {
            attributes["clone"] = clone.Dataset;
        }

        if (result.LvmSnapshot is { } volumes)
        {
            attributes["snapshots"] = Text(volumes.Snapshots.Count);
        }

        if (result.RestoreFiles is { } files)
        {
            attributes["source"] = Cut(files.Source);
            attributes["destination"] = Cut(files.Destination.ToStringUtf8());
            attributes["restored_files"] = Text(files.Files);
            attributes["restored_bytes"] = Text(files.Bytes);
        }

        if (result.LvmRestore is { } merge)
        {
            attributes["source"] = Cut(merge.Snapshot?.Name ?? "");
            attributes["volume"] = Cut(merge.Volume);
            attributes["safety"] = Cut(merge.Safety?.Name ?? "");
            attributes["pending"] = merge.Pending ? "true" : "false";
        }

        if (result.ClockAccept is { } clock)
        {
            attributes["accepted"] = clock.Accepted ? "true" : "false";
            Add(attributes, "clock_was", SnapshotFacts.Instant(clock.TrustedAt));
            Add(attributes, "clock_is", SnapshotFacts.Instant(clock.Now));
            if (clock.Jump is { } jump)
            {
                attributes["jump_seconds"] = Text(jump.Seconds);
            }
        }

        return attributes;
    }

    private static void Add(Dictionary<string, string> attributes, string name, DateTimeOffset? instant)
    {
        if (instant is { } known)
        {
            attributes[name] = known.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>What an agent says can be as long as it likes.</summary>
    private static string Cut(string text) => text.Length > 1_000 ? text[..1_000] : text;

    private static void AddConfirmation(Dictionary<string, string> attributes, string confirmation)
    {
        if (confirmation.Length > 0)
        {
            attributes["confirmation"] = confirmation;
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
