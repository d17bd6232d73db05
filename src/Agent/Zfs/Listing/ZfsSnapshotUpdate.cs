using System.Text.RegularExpressions;

namespace Fleet.Agent.Zfs.Listing;

/// <summary>
/// Brings lists of snapshots up to date for less than listing them costs (bench/README.md): which snapshots exist is read from the names in
/// .zfs/snapshot, or by names and identities where that folder is not to be seen; properties are only asked of those that are new, and of
/// those whose own space changed because a neighbour came or went.
/// <para>
/// A name that holds a date and time stays the name of the same snapshot, since whoever names so (Fleet, sanoid, syncoid, zrepl) does so
/// once. Any other name (daily.0, yesterday) may have moved to another snapshot and is asked for again. Should one be mistaken for another
/// all the same, the full list of <see cref="ZfsSnapshotCache.MaxAge"/> puts it right, and nothing is destroyed by a remembered list.
/// </para>
/// </summary>
/// <param name="timeout">For one call.</param>
internal sealed partial class ZfsSnapshotUpdate(ZfsQuery query, ZfsSnapshotFolders folders, TimeSpan timeout)
{
    /// <summary>
    /// Names in one call: 255 bytes each, and the path of a folder not much longer, stay far below what the kernel takes as arguments (2
    /// MiB).
    /// </summary>
    private const int MaxInOneCall = 500;

    /// <param name="before">By dataset, oldest first: as they were listed last.</param>
    /// <returns>As they are now. A dataset that is missing must be listed in full.</returns>
    public async Task<Dictionary<string, IReadOnlyList<ZfsSnapshot>>> ReadAsync(
        string pool, IReadOnlyDictionary<string, IReadOnlyList<ZfsSnapshot>> before, CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlyList<ZfsSnapshot>> now = [];
        foreach (var some in before.Keys.Chunk(MaxInOneCall))
        {
            var there = await NamesAsync(pool, [.. some.Where(folders.Has)], before, cancellationToken);
            foreach (var (dataset, ids) in await IdsAsync(pool, [.. some.Where(d => !there.ContainsKey(d))], cancellationToken))
            {
                there[dataset] = ids;
            }

            var wanted = there.SelectMany(t => Wanted(before[t.Key], t.Value)).ToHashSet();
            if (await ReadNamedAsync(pool, wanted, cancellationToken) is not { } fresh)
            {
                continue;
            }

            foreach (var (dataset, ids) in there)
            {
                var known = before[dataset].ToDictionary(ZfsSnapshotId.Of);
                ZfsSnapshot?[] list = [
                    .. ids.Select(i => wanted.Contains(i.FullName) ? fresh.GetValueOrDefault(i.FullName) : known.GetValueOrDefault(i))];
                if (!list.Contains(null))
                {
                    now[dataset] = [.. list.OfType<ZfsSnapshot>().OrderBy(s => s.CreateTransactionGroup)];
                }
            }
        }

        return now;
    }

    /// <summary>Full names of those whose properties must be asked for. Pure.</summary>
    /// <param name="before">Oldest first.</param>
    /// <param name="now">In any order.</param>
    internal static IEnumerable<string> Wanted(IReadOnlyList<ZfsSnapshot> before, IReadOnlyCollection<ZfsSnapshotId> now)
    {
        var known = before.Select(ZfsSnapshotId.Of).ToHashSet();
        foreach (var id in now.Where(i => !known.Contains(i)))
        {
            yield return id.FullName;
        }

        // What was written since the newest may only be in that one; and what it shared with one that went is its own now.
        var there = now.ToHashSet();
        bool[] stays = [.. before.Select(s => there.Contains(ZfsSnapshotId.Of(s)))];
        for (var i = 0; i < stays.Length; i++)
        {
            if (stays[i] && (i + 1 == stays.Length || !stays[i + 1] || (i > 0 && !stays[i - 1])))
            {
                yield return before[i].FullName;
            }
        }
    }

    /// <summary>It holds a date and a time of day, to the minute at least: 20261120T205500, 2026-11-20_20:55, 2026-11-20-2055.</summary>
    [GeneratedRegex("20[0-9]{2}-?[01][0-9]-?[0-3][0-9][-_.:T ]?[0-2][0-9][-.:]?[0-5][0-9]", RegexOptions.CultureInvariant)]
    internal static partial Regex NamesAnInstant();

    /// <summary>By dataset. One that is missing must be asked for in another way.</summary>
    private async Task<Dictionary<string, IReadOnlyList<ZfsSnapshotId>>> NamesAsync(
        string pool, string[] datasets, IReadOnlyDictionary<string, IReadOnlyList<ZfsSnapshot>> before, CancellationToken cancellationToken)
    {
        var names = new ZfsListing<string>(folders.Parse, n => n);
        if (datasets.Length == 0
            || await query.RunAsync("find", pool, folders.Names(datasets), names, names.Errors, timeout, cancellationToken) is not null
            || !names.IsComplete)
        {
            return [];
        }

        var byDataset = names.Items.ToLookup(ZfsSnapshotId.DatasetOf);
        return datasets.ToDictionary(d => d, d =>
        {
            var known = before[d].Where(s => NamesAnInstant().IsMatch(s.Name)).ToDictionary(s => s.FullName, ZfsSnapshotId.Of);
            return (IReadOnlyList<ZfsSnapshotId>)[.. byDataset[d].Select(n => known.GetValueOrDefault(n) ?? ZfsSnapshotId.Unknown(n))];
        });
    }

    /// <summary>By dataset. One that is missing must be listed in full.</summary>
    private async Task<Dictionary<string, IReadOnlyList<ZfsSnapshotId>>> IdsAsync(
        string pool, string[] datasets, CancellationToken cancellationToken)
    {
        var ids = new ZfsListing<ZfsSnapshotId>(ZfsSnapshotId.Parse, i => i.FullName);
        if (datasets.Length == 0
            || await query.RunAsync("zfs", pool, ZfsCommands.SnapshotIds(datasets), ids, ids.Errors, timeout, cancellationToken) is not null
            || !ids.IsComplete)
        {
            return [];
        }

        var byDataset = ids.Items.ToLookup(i => i.Dataset);
        return datasets.ToDictionary(d => d, d => (IReadOnlyList<ZfsSnapshotId>)[.. byDataset[d]]);
    }

    /// <summary>By full name. Null if not all of it could be read.</summary>
    private async Task<Dictionary<string, ZfsSnapshot>?> ReadNamedAsync(
        string pool, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        Dictionary<string, ZfsSnapshot> read = [];
        foreach (var some in names.Chunk(MaxInOneCall))
        {
            var parser = new ZfsSnapshotListParser();
            var list = new ZfsListing<ZfsSnapshot>(parser.Parse, s => s.FullName);
            if (await query.RunAsync("zfs", pool, ZfsCommands.SnapshotsNamed(some), list, list.Errors, timeout,
                cancellationToken) is not null
                || !list.IsComplete)
            {
                return null;
            }

            foreach (var snapshot in list.Items)
            {
                read[snapshot.FullName] = snapshot;
            }
        }

        return read;
    }
}
