namespace Fleet.Agent.Actions.Zfs;

/// <summary>
/// Brings lists of snapshots up to date: who is there is asked for by name and identity, which zfs answers in two thirds of the time that it
/// takes with properties (bench/README.md), and properties only of those that are new, and of those whose own space changed because a neighbour came or went.
/// </summary>
/// <param name="timeout">For one call.</param>
internal sealed class ZfsSnapshotUpdate(ZfsQuery query, TimeSpan timeout)
{
    /// <summary>Names in one call: 255 bytes each stay far below what the kernel takes as arguments (2 MiB).</summary>
    private const int MaxInOneCall = 500;

    /// <param name="before">By dataset, oldest first: as they were listed last.</param>
    /// <returns>As they are now. A dataset that is missing must be listed in full.</returns>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<ZfsSnapshot>>> ReadAsync(
        string pool, IReadOnlyDictionary<string, IReadOnlyList<ZfsSnapshot>> before, CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlyList<ZfsSnapshot>> now = [];
        foreach (var some in before.Keys.Chunk(MaxInOneCall))
        {
            var ids = new ZfsListing<ZfsSnapshotId>(ZfsSnapshotId.Parse, i => i.FullName);
            if (await query.RunAsync("zfs", pool, ZfsCommands.SnapshotIds(some), ids, ids.Errors, timeout, cancellationToken) is not null || !ids.IsComplete)
            {
                continue;
            }

            var byDataset = ids.Items.ToLookup(i => i.Dataset);
            var wanted = some.SelectMany(d => Wanted(before[d], [.. byDataset[d]])).ToHashSet();
            if (await ReadNamedAsync(pool, wanted, cancellationToken) is not { } fresh)
            {
                continue;
            }

            foreach (var dataset in some)
            {
                var known = before[dataset].ToDictionary(ZfsSnapshotId.Of);
                ZfsSnapshot?[] list = [.. byDataset[dataset].Select(i => fresh.GetValueOrDefault(i) ?? (wanted.Contains(i.FullName) ? null : known.GetValueOrDefault(i)))];
                if (!list.Contains(null))
                {
                    now[dataset] = [.. list.OfType<ZfsSnapshot>()];
                }
            }
        }

        return now;
    }

    /// <summary>Full names of those whose properties must be asked for. Pure.</summary>
    internal static IEnumerable<string> Wanted(IReadOnlyList<ZfsSnapshot> before, IReadOnlyList<ZfsSnapshotId> now)
    {
        var known = before.Select(ZfsSnapshotId.Of).ToHashSet();
        var there = now.ToHashSet();
        long[] gone = [.. known.Except(there).Select(i => i.CreateTransactionGroup).Order()];
        for (var i = 0; i < now.Count; i++)
        {
            // What was written since the newest may only be in that one; and what it shared with one that went is its own now.
            var isNew = !known.Contains(now[i]);
            var nextIsNew = i + 1 >= now.Count || !known.Contains(now[i + 1]);
            var from = i == 0 ? long.MinValue : now[i - 1].CreateTransactionGroup;
            var to = i + 1 >= now.Count ? long.MaxValue : now[i + 1].CreateTransactionGroup;
            if (isNew || nextIsNew || AnyWithin(gone, from, to))
            {
                yield return now[i].FullName;
            }
        }
    }

    private static bool AnyWithin(long[] ordered, long from, long to)
    {
        var at = Array.BinarySearch(ordered, from);
        at = at < 0 ? ~at : at;
        return at < ordered.Length && ordered[at] <= to;
    }

    /// <summary>Null: not all of it could be read.</summary>
    private async Task<Dictionary<ZfsSnapshotId, ZfsSnapshot>?> ReadNamedAsync(string pool, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        Dictionary<ZfsSnapshotId, ZfsSnapshot> read = [];
        foreach (var some in names.Chunk(MaxInOneCall))
        {
            var parser = new ZfsSnapshotListParser();
            var list = new ZfsListing<ZfsSnapshot>(parser.Parse, s => s.FullName);
            if (await query.RunAsync("zfs", pool, ZfsCommands.SnapshotsNamed(some), list, list.Errors, timeout, cancellationToken) is not null || !list.IsComplete)
            {
                return null;
            }

            foreach (var snapshot in list.Items)
            {
                read[ZfsSnapshotId.Of(snapshot)] = snapshot;
            }
        }

        return read;
    }
}
