using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Edge;

/// <summary>
/// The numbers and times of an action. Names and paths are the guard's, which knows what they may be on this host.
/// </summary>
internal static class ActionFields
{
    private const int LastPort = 65_535;

    public static void Check(Protocol.V1.Action action, WireFields fields)
    {
        if (action.CalculateSize() > PolicyLimits.MaxSpecBytes)
        {
            fields.Refuse("action", "is larger than 256 KiB");
        }

        switch (action.KindCase)
        {
            case Protocol.V1.Action.KindOneofCase.Rsync:
                CheckRsync(action.Rsync, fields);
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsSnapshot:
                CheckHook("action.zfs_snapshot.before", action.ZfsSnapshot.Before, fields);
                CheckHook("action.zfs_snapshot.after", action.ZfsSnapshot.After, fields);
                break;
            case Protocol.V1.Action.KindOneofCase.LvmSnapshot:
                CheckLvmSnapshot(action.LvmSnapshot, fields);
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsPrune:
                CheckRetention("action.zfs_prune.retention", action.ZfsPrune.Retention, fields);
                fields.Instant("action.zfs_prune.assumed_now", action.ZfsPrune.AssumedNow);
                break;
            case Protocol.V1.Action.KindOneofCase.LvmPrune:
                CheckRetention("action.lvm_prune.retention", action.LvmPrune.Retention, fields);
                fields.Instant("action.lvm_prune.assumed_now", action.LvmPrune.AssumedNow);
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsReplicate:
                fields.Span("action.zfs_replicate.release_base_after", action.ZfsReplicate.ReleaseBaseAfter, PolicyLimits.ShortestRelease,
                    PolicyLimits.LongestRelease);
                fields.Number("action.zfs_replicate.bandwidth_limit_bytes_per_second", action.ZfsReplicate.BandwidthLimitBytesPerSecond, 0,
                    long.MaxValue);
                CheckSsh("action.zfs_replicate.target_host", action.ZfsReplicate.TargetHost, fields);
                CheckSsh("action.zfs_replicate.source_host", action.ZfsReplicate.SourceHost, fields);
                break;
            case Protocol.V1.Action.KindOneofCase.LvmRestore:
                fields.Number("action.lvm_restore.safety_size_bytes", action.LvmRestore.SafetySizeBytes, 0, long.MaxValue);
                break;
            default:
                // No numbers, or an action of a later release, which nothing here knows.
                break;
        }
    }

    private static void CheckRsync(RsyncAction rsync, WireFields fields)
    {
        fields.Number("action.rsync.bandwidth_limit_bytes_per_second", rsync.BandwidthLimitBytesPerSecond, 0, long.MaxValue);
        fields.Number("action.rsync.max_delete", rsync.MaxDelete, 0, long.MaxValue);
        fields.Number("action.rsync.min_source_entries", rsync.MinSourceEntries, 0, long.MaxValue);
        fields.Number("action.rsync.keep_versions", rsync.KeepVersions, 0, int.MaxValue);
        fields.Number("action.rsync.min_percent_of_last", rsync.MinPercentOfLast, 0, 100);
        CheckRetention("action.rsync.retention", rsync.Retention, fields);
        foreach (var (name, endpoint) in new[] { ("source", rsync.Source), ("destination", rsync.Destination) })
        {
            CheckSsh($"action.rsync.{name}.ssh", endpoint?.Ssh, fields);
            fields.Number($"action.rsync.{name}.daemon.port", endpoint?.Daemon?.Port ?? 0, 0, LastPort);
        }
    }

    private static void CheckLvmSnapshot(LvmSnapshotAction snapshot, WireFields fields)
    {
        CheckHook("action.lvm_snapshot.before", snapshot.Before, fields);
        CheckHook("action.lvm_snapshot.after", snapshot.After, fields);
        fields.Number("action.lvm_snapshot.classic_size_bytes", snapshot.ClassicSizeBytes, 0, long.MaxValue);
        fields.Number("action.lvm_snapshot.min_group_free_bytes", snapshot.MinGroupFreeBytes, 0, long.MaxValue);
        fields.Number("action.lvm_snapshot.max_data_percent", snapshot.MaxDataPercent, 0, 100);
        fields.Number("action.lvm_snapshot.max_metadata_percent", snapshot.MaxMetadataPercent, 0, 100);
    }

    private static void CheckSsh(string path, SshRemote? ssh, WireFields fields) =>
        fields.Number(path + ".port", ssh?.Port ?? 0, 0, LastPort);

    private static void CheckHook(string path, SnapshotHook? hook, WireFields fields) =>
        fields.Span(path + ".timeout", hook?.Timeout, PolicyLimits.ShortestTimeout, PolicyLimits.LongestHook);

    private static void CheckRetention(string path, Protocol.V1.Retention? retention, WireFields fields)
    {
        if (retention is null)
        {
            return;
        }

        if (retention.Keep is { } keep)
        {
            fields.Span(path + ".keep.within", keep.Within, PolicyLimits.ShortestWithin, PolicyLimits.LongestWithin);
            foreach (var (name, count) in new[]
            {
                ("last", keep.Last), ("hourly", keep.Hourly), ("daily", keep.Daily), ("weekly", keep.Weekly), ("monthly", keep.Monthly), (
                    "yearly", keep.Yearly),
            })
            {
                fields.Number($"{path}.keep.{name}", count, PolicyLimits.AllCopies, PolicyLimits.MostCopies);
            }
        }

        fields.Number(path + ".floor", retention.Floor, 0, PolicyLimits.MostCopies);
        if (retention.Budget is { } budget)
        {
            fields.Number(path + ".budget.most_percent", budget.MostPercent, 0, 100);
            fields.Number(path + ".budget.most_count", budget.MostCount, 0, int.MaxValue);
        }
    }
}
