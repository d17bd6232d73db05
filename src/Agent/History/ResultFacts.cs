using System.Text;
using Fleet.Protocol.V1;
using Google.Protobuf;
using LiteDB;

namespace Fleet.Agent.History;

/// <summary>What an action counted, by names that stay: one flat list for each kind of result. Lists of names are cut at 100.</summary>
internal static class ResultFacts
{
    private const int MaxNames = 100;

    public static BsonDocument Of(ActionResult result)
    {
        var facts = new BsonDocument();
        AddRsync(facts, result);
        AddZfs(facts, result);
        AddLvm(facts, result);
        if (result.RestoreFiles is { } restore)
        {
            (facts["source"], facts["destination"], facts["path"]) = (restore.Source, Text(restore.Destination), Text(restore.Path));
            (facts["files"], facts["bytes"]) = (restore.Files, restore.Bytes);
        }

        if (result.ClockAccept is { } clock)
        {
            facts["accepted"] = clock.Accepted;
        }

        return facts;
    }

    private static void AddRsync(BsonDocument facts, ActionResult result)
    {
        if (result.Rsync is { } rsync)
        {
            (facts["files"], facts["files_created"], facts["files_deleted"]) = (rsync.Files, rsync.FilesCreated, rsync.FilesDeleted);
            (facts["files_transferred"], facts["total_bytes"]) = (rsync.FilesTransferred, rsync.TotalBytes);
            (facts["transferred_bytes"], facts["sent_bytes"], facts["received_bytes"]) = (
                rsync.TransferredBytes, rsync.SentBytes, rsync.ReceivedBytes);
            if (rsync.VersionPath.Length > 0)
            {
                facts["version"] = Text(rsync.VersionPath);
                facts["versions_removed"] = Names(rsync.RemovedVersionPaths.Select(Text));
            }
        }

        if (result.RsyncPlan is { } plan)
        {
            (facts["would_write"], facts["would_delete"]) = (plan.WouldWrite, plan.WouldDelete);
            Confirmation(facts, plan.Confirmation);
        }
    }

    private static void AddZfs(BsonDocument facts, ActionResult result)
    {
        if (result.ZfsSnapshot is { } made)
        {
            facts["snapshots"] = made.SnapshotsTotal;
            facts["made"] = Names(made.Snapshots.Select(s => s.Name));
        }

        if (result.ZfsPrune is { } prune)
        {
            (facts["planned"], facts["destroyed"], facts["reclaimed_bytes"]) = (
                prune.PlannedTotal, prune.DestroyedTotal, prune.ReclaimedBytes);
            facts["gone"] = Names(prune.Destroyed.Select(s => s.Name));
            Confirmation(facts, prune.Confirmation);
        }

        if (result.ZfsReplicate is { } replicate)
        {
            (facts["replicas"], facts["replicas_current"]) = (replicate.ReplicasTotal, replicate.CurrentTotal);
            (facts["snapshots_sent"], facts["sent_bytes"], facts["resumed"]) = (
                replicate.SnapshotsSent, replicate.SentBytes, replicate.Resumed);
            facts["problems"] = Names(replicate.Replicas.Where(r => r.Problem.Length > 0).Select(r => $"{r.Source}: {r.Problem}"));
        }

        if (result.ZfsScrub is { } scrub)
        {
            facts["errors"] = scrub.Pools.Sum(p => p.Errors);
            facts["repaired_bytes"] = scrub.Pools.Sum(p => p.RepairedBytes);
            facts["data_errors"] = scrub.Pools.Sum(p => p.DataErrors);
            facts["pools"] = Names(scrub.Pools.Select(p => p.Pool));
        }

        if (result.ZfsHold is { } hold)
        {
            facts["snapshots"] = Names(hold.Snapshots);
        }

        if (result.ZfsRollback is { } rollback)
        {
            (facts["dataset"], facts["lost_bytes"]) = (rollback.Dataset, rollback.LostBytes);
            facts["gone"] = Names(rollback.Destroyed.Select(s => s.Name).Concat(rollback.DestroyedClones));
        }

        if (result.ZfsClone is { } clone)
        {
            facts["dataset"] = clone.Dataset;
        }
    }

    private static void AddLvm(BsonDocument facts, ActionResult result)
    {
        if (result.LvmSnapshot is { } made)
        {
            facts["snapshots"] = (long)made.Snapshots.Count;
            facts["made"] = Names(made.Snapshots.Select(s => s.Name));
        }

        if (result.LvmPrune is { } prune)
        {
            (facts["planned"], facts["destroyed"]) = (prune.PlannedTotal, prune.DestroyedTotal);
            facts["gone"] = Names(prune.Destroyed.Select(s => s.Name));
            Confirmation(facts, prune.Confirmation);
        }

        if (result.LvmRestore is { } restore)
        {
            (facts["volume"], facts["snapshot"], facts["pending"]) = (restore.Volume, restore.Snapshot?.Name ?? "", restore.Pending);
            facts["kept_as"] = restore.Safety?.Name ?? "";
            facts["detached"] = Names(restore.Detached);
        }

        if (result.LvmProtect is { } protect)
        {
            facts["snapshots"] = Names(protect.Snapshots);
        }
    }

    private static void Confirmation(BsonDocument facts, string confirmation)
    {
        if (confirmation.Length > 0)
        {
            facts["confirmation"] = confirmation;
        }
    }

    private static BsonArray Names(IEnumerable<string> names) => new(names.Take(MaxNames).Select(n => new BsonValue(n)));

    private static string Text(ByteString bytes) => Encoding.UTF8.GetString(bytes.Span);
}
