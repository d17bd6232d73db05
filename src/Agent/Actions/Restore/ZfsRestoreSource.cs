using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Fleet.Agent.Actions.Zfs;
using Fleet.Agent.Files;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Restore;

/// <summary>Files of a ZFS snapshot, through .zfs/snapshot of its dataset's mount.</summary>
/// <param name="hung">Pools that hang. Outlives this object.</param>
internal sealed class ZfsRestoreSource(
    ActionContext context, DeadlinedFiles files, Func<MountTable> mounts, ConcurrentDictionary<string, byte> hung)
{
    private readonly ZfsQuery _query = new(context.Tools, context.Time, hung);

    /// <exception cref="IOException">It cannot be opened.</exception>
    public async Task<(RestoreSource? Source, ActionResult? Stop)> OpenAsync(ZfsSnapshotRef wanted, CancellationToken cancellationToken)
    {
        if (wanted.Name.Split('@') is not [var dataset, var snapshot] || !ZfsNames.IsDataset(dataset) || !ZfsNames.IsSnapshotPart(snapshot))
        {
            return (null, ToolOutcome.Failed($"{LogText.Escape(wanted.Name)} is not a snapshot name, such as tank/data@monday"));
        }

        var (point, problem) = PointOf(dataset);
        if (point is null)
        {
            return (null, ToolOutcome.Failed($"{problem}: mount it, or make a clone of {wanted.Name} and copy from that"));
        }

        byte[] path = [.. point.AsSpan().TrimEnd((byte)'/'), .. "/.zfs/snapshot/"u8, .. Encoding.UTF8.GetBytes(snapshot)];
        var root = await files.CallAsync(path, () => OpenPath.Folder(path), cancellationToken);
        var source = new RestoreSource(wanted.Name, "", root);
        try
        {
            // As long as it is open, its name cannot be given to another one.
            var stop = IsOf(root, wanted.Name)
                ? null
                : ToolOutcome.Failed($"{LogText.Escape(path)} does not show {wanted.Name}: are the snapshots of {dataset} accessible "
                    + $"at all?", retryable: true);
            (var guid, stop) = stop is null ? await GuidAsync(wanted.Name, cancellationToken) : (null, stop);
            stop ??= wanted.Guid == 0 && context.Action.RestoreFiles.DryRun || guid?.Value == wanted.Guid ? null
                : ToolOutcome.Failed($"{wanted.Name} is not the snapshot that was asked for: its guid is {guid}, not {wanted.Guid}");
            if (stop is null)
            {
                return (source with { Identity = guid!.Value.Value.ToString(CultureInfo.InvariantCulture) }, null);
            }

            await source.CloseAsync();
            return (null, stop);
        }
        catch
        {
            await source.CloseAsync();
            throw;
        }
    }

    /// <summary>Where the dataset is mounted, as the kernel says: properties can say anything.</summary>
    private (byte[]? Point, string Problem) PointOf(string dataset)
    {
        var table = mounts();
        var mount = table.Mounts.LastOrDefault(m => m.Type == "zfs"
            && m.Root is [(byte)'/']
            && m.Source.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(dataset)));
        return mount is null ? (null, $"{dataset} is not mounted on this host")
            : table.Of(mount.Point)?.Id != mount.Id
                ? (null, $"another file system is mounted over {dataset} at {LogText.Escape(mount.Point)}")
            : (mount.Point, "");
    }

    private bool IsOf(OpenPath root, string snapshot)
    {
        var id = root.MountId();
        return mounts().Mounts.Any(m => m.Id == id && m.Type == "zfs" && m.Source.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(snapshot)));
    }

    private async Task<(ZfsGuid? Guid, ActionResult? Stop)> GuidAsync(string snapshot, CancellationToken cancellationToken)
    {
        var output = new ZfsIdentityOutput();
        var error = await _query.RunAsync(
            "zfs", ZfsNames.PoolOf(snapshot), ZfsCommands.Identity([snapshot]), output, output.Errors,
            new AttemptTime(context).Limit(ZfsInventory.ListTimeout), cancellationToken);
        return error is not null ? (null, ZfsAttempt.Stopped(error, cancellationToken))
            : output.Refused is { } refused ? (null, ToolOutcome.Failed($"a line of zfs get was not understood: {refused}"))
            : output.Snapshots.TryGetValue(snapshot, out var identity) ? (identity.Guid, null)
            : (null, ToolOutcome.Failed($"zfs get printed nothing about {snapshot}"));
    }
}
