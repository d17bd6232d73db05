using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>Whether anything was written to the datasets of one pool since a policy's last snapshots. In doubt, it was.</summary>
internal sealed class ZfsUnchangedCheck(ZfsQuery query, ActionContext context)
{
    /// <summary>What a call may take now, the time that is left of the attempt included.</summary>
    public required Func<TimeSpan, TimeSpan> Limit { get; init; }

    /// <returns>
    /// The newest snapshot that still is what the data is. Null if there was a change, or if that could not be determined.
    /// </returns>
    public async Task<ZfsSnapshot?> LastAsync(ZfsSnapshotPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Targets.Any(t => t.WrittenBytes > 0))
        {
            // Since whatever snapshot is the newest: then also since ours.
            return null;
        }

        // zfs counts what has reached the disk, which takes some seconds by itself.
        var nothing = new ZfsListing<ZfsTarget>(_ => null, t => t.Name);
        if (await query.RunAsync("zpool", plan.Pool, ZfsCommands.Sync(plan.Pool), nothing, nothing.Errors, Limit(ZfsInventory.PoolTimeout),
            cancellationToken) is not null
            || await NewestOwnAsync(plan, cancellationToken) is not { } newest)
        {
            return null;
        }

        foreach (var group in newest.GroupBy(s => s.Name))
        {
            var datasets = group.Select(s => s.Dataset).ToHashSet();
            var list = new ZfsListing<ZfsWritten>(
                l => ZfsWritten.Parse(l, group.Key) is { } w && datasets.Contains(w.Dataset) ? w : null, w => w.Dataset);
            var error = await query.RunAsync(
                "zfs", plan.Pool, ZfsCommands.WrittenSince(group.Key, datasets), list, list.Errors, Limit(ZfsInventory.ListTimeout),
                cancellationToken);
            if (error is not null || !list.IsComplete || list.Items.Count() != datasets.Count || list.Items.Any(w => w.Bytes > 0))
            {
                return null;
            }
        }

        return newest.MaxBy(s => s.CreateTransactionGroup);
    }

    /// <summary>The newest snapshot of this policy of each dataset. Null if one has none, or if that is not known.</summary>
    private async Task<IReadOnlyList<ZfsSnapshot>?> NewestOwnAsync(ZfsSnapshotPlan plan, CancellationToken cancellationToken)
    {
        var reader = new ZfsSnapshotReader(query, Limit(ZfsInventory.ListTimeout));
        await reader.ReadAsync(plan.Pool, plan.Targets.Select(t => t.Name), cancellationToken);
        List<ZfsSnapshot> newest = [];
        foreach (var target in plan.Targets)
        {
            var own = reader.Snapshots.GetValueOrDefault(target.Name)?
                .Where(s => s.Policy == context.Policy && SnapshotName.Parse(s.Name)?.Policy == context.Policy)
                .MaxBy(s => s.CreateTransactionGroup);
            if (own is null)
            {
                return null;
            }

            newest.Add(own);
        }

        return newest;
    }
}
