using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>Source or target of a replication: what can be asked and done there.</summary>
/// <param name="limit">What a call may take now, the time that is left of the attempt included.</param>
internal sealed class ReplicationSide(ZfsQuery query, Func<TimeSpan, TimeSpan> limit)
{
    /// <summary>
    /// Names in one call: 255 bytes each stay far below what the kernel takes as arguments (2 MiB), and a remote shell as one of them (128
    /// KiB).
    /// </summary>
    private const int MaxInOneCall = 300;

    public ZfsQuery Query => query;

    /// <summary>A dataset and everything below it. Nothing: it does not exist.</summary>
    public async Task<(IReadOnlyList<ZfsDataset> Datasets, ZfsError? Error)> DatasetsAsync(string root, CancellationToken cancellationToken)
    {
        var list = new ZfsListing<ZfsDataset>(
            l => ZfsDataset.Parse(l, withSnapshotsChanged: false) is { } d && ZfsNames.IsWithin(d.Name, root) ? d : null, d => d.Name);
        var error = await ListAsync(root, ZfsCommands.Datasets(root, withSnapshotsChanged: false), list, cancellationToken);
        return error is { Kind: ZfsErrorKind.DoesNotExist } ? ([], null) : error is not null ? ([], error) : ([.. list.Items], null);
    }

    /// <summary>Snapshots of these datasets, each oldest first. One that is missing could not be listed, or is gone.</summary>
    public async Task<(IReadOnlyDictionary<string, IReadOnlyList<ZfsSnapshot>> Snapshots, string? Problem)> SnapshotsAsync(
        IReadOnlyList<string> datasets, CancellationToken cancellationToken)
    {
        var reader = new ZfsSnapshotReader(query, limit(ZfsInventory.ListTimeout));
        foreach (var pool in datasets.GroupBy(ZfsNames.PoolOf))
        {
            await reader.ReadAsync(pool.Key, pool, cancellationToken);
        }

        return (reader.Snapshots, reader.Problems.Count > 0 ? reader.Problems[0] : null);
    }

    public async Task<(ILookup<string, ZfsBookmark> Bookmarks, ZfsError? Error)> BookmarksAsync(
        IReadOnlyList<string> datasets, CancellationToken cancellationToken)
    {
        List<ZfsBookmark> found = [];
        foreach (var some in datasets.Chunk(MaxInOneCall))
        {
            var list = new ZfsListing<ZfsBookmark>(ZfsBookmark.Parse, b => b.FullName);
            if (await ListAsync(some[0], ReplicationCommands.Bookmarks(some), list,
                cancellationToken) is { } error and not { Kind: ZfsErrorKind.DoesNotExist })
            {
                return (found.ToLookup(b => b.Dataset), error);
            }

            found.AddRange(list.Items);
        }

        return (found.ToLookup(b => b.Dataset), null);
    }

    /// <summary>Full names of those of these snapshots that carry the tag.</summary>
    public async Task<(IReadOnlySet<string> Held, ZfsError? Error)> HeldAsync(
        string tag, IEnumerable<ZfsSnapshot> snapshots, CancellationToken cancellationToken)
    {
        HashSet<string> held = [];
        foreach (var some in snapshots.Where(s => s.Holds > 0).Select(s => s.FullName).Chunk(MaxInOneCall))
        {
            // Tags are free text of others. A line that does not fit is theirs, and only ours are looked for.
            var list = new ZfsListing<ZfsHold>(ZfsHold.Parse, h => $"{h.Snapshot}\t{h.Tag}");
            var error = await query.RunAsync(
                "zfs", ZfsNames.PoolOf(some[0]), ReplicationCommands.Holds(some), list, list.Errors, limit(ZfsInventory.ListTimeout),
                cancellationToken);
            if (error is not null and not { Kind: ZfsErrorKind.DoesNotExist })
            {
                return (held, error);
            }

            held.UnionWith(list.Items.Where(h => h.Tag == tag).Select(h => h.Snapshot));
        }

        return (held, null);
    }

    /// <summary>Something small: a hold, a bookmark, a property.</summary>
    public Task<ZfsError?> DoAsync(string subject, IReadOnlyList<ToolArgument> arguments, CancellationToken cancellationToken) =>
        query.DoAsync("zfs", ZfsNames.PoolOf(subject), arguments, limit(ZfsInventory.ListTimeout), cancellationToken);

    /// <summary>What a send would be.</summary>
    public async Task<(SendPlanOutput Plan, ZfsError? Error)> EstimateAsync(
        string subject, IReadOnlyList<ToolArgument> arguments, CancellationToken cancellationToken)
    {
        var output = new SendPlanOutput();
        return (output, await query.RunAsync(
            "zfs", ZfsNames.PoolOf(subject), arguments, output, output.Errors, limit(ZfsInventory.ListTimeout), cancellationToken));
    }

    private async Task<ZfsError?> ListAsync<T>(
        string subject, IReadOnlyList<ToolArgument> arguments, ZfsListing<T> list, CancellationToken cancellationToken)
        where T : class =>
        await query.RunAsync(
            "zfs", ZfsNames.PoolOf(subject), arguments, list, list.Errors, limit(ZfsInventory.ListTimeout), cancellationToken)
            ?? (list.IsComplete
                ? null
                : new ZfsError(ZfsErrorKind.Unknown, $"a line of zfs list{query.Place} was not understood: {list.Refused[0]}", []));
}
