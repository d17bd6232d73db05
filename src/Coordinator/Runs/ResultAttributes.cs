using System.Globalization;
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

        if (result.Rsync is { } rsync)
        {
            attributes["files"] = Text(rsync.Files);
            attributes["files_transferred"] = Text(rsync.FilesTransferred);
            attributes["total_bytes"] = Text(rsync.TotalBytes);
            attributes["transferred_bytes"] = Text(rsync.TransferredBytes);
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

        if (result.LvmSnapshot is { } volumes)
        {
            attributes["snapshots"] = Text(volumes.Snapshots.Count);
        }

        return attributes;
    }

    private static void AddConfirmation(Dictionary<string, string> attributes, string confirmation)
    {
        if (confirmation.Length > 0)
        {
            attributes["confirmation"] = confirmation;
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
