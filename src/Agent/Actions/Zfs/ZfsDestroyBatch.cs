using System.Text;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>Snapshots of one dataset that one call of zfs destroys, and how they are named to it. Pure.</summary>
/// <param name="Snapshots">In the order in which they were made.</param>
internal sealed record ZfsDestroyBatch(string Dataset, IReadOnlyList<ZfsSnapshot> Snapshots)
{
    /// <summary>How many one call destroys: what is bounded is how long the pool is busy with it, and how much is lost with a call that fails.</summary>
    private const int MaxCount = 500;

    /// <summary>The kernel takes 128 KiB as one argument.</summary>
    private const int MaxBytes = 100 * 1024;

    /// <summary>Cuts what is to be destroyed into calls.</summary>
    /// <param name="snapshots">Of one dataset, in the order in which they were made.</param>
    public static IEnumerable<ZfsDestroyBatch> Cut(string dataset, IReadOnlyList<ZfsSnapshot> snapshots)
    {
        List<ZfsSnapshot> some = [];
        var bytes = 0;
        foreach (var snapshot in snapshots)
        {
            var size = Encoding.UTF8.GetByteCount(snapshot.Name) + 1;
            if (some.Count == MaxCount || bytes + size > MaxBytes)
            {
                yield return new ZfsDestroyBatch(dataset, some);
                (some, bytes) = ([], 0);
            }

            some.Add(snapshot);
            bytes += size;
        }

        if (some.Count > 0)
        {
            yield return new ZfsDestroyBatch(dataset, some);
        }
    }

    /// <summary>Every one by its name.</summary>
    public IReadOnlyList<string> Names() => [.. Snapshots.Select(s => s.Name)];

    /// <summary>
    /// The first and the last of those that follow each other: "a%b". zfs destroys everything in between, so a range is only made
    /// where the dataset has nothing in between that is not in the batch.
    /// </summary>
    /// <param name="all">Every snapshot of the dataset, in the order in which they were made.</param>
    public IReadOnlyList<string> Ranges(IReadOnlyList<ZfsSnapshot> all)
    {
        var batch = Snapshots.Select(s => s.Guid).ToHashSet();
        List<string> ranges = [];
        for (var start = 0; start < all.Count;)
        {
            if (!batch.Contains(all[start].Guid))
            {
                start++;
                continue;
            }

            var end = start;
            while (end + 1 < all.Count && batch.Contains(all[end + 1].Guid))
            {
                end++;
            }

            // Of two snapshots of one transaction group nobody knows which comes first: they are named one by one.
            var isClear = (start == 0 || all[start - 1].CreateTransactionGroup < all[start].CreateTransactionGroup)
                && (end + 1 == all.Count || all[end].CreateTransactionGroup < all[end + 1].CreateTransactionGroup);
            ranges.AddRange(end > start && isClear ? [$"{all[start].Name}%{all[end].Name}"] : all.Skip(start).Take(end - start + 1).Select(s => s.Name));
            start = end + 1;
        }

        return ranges;
    }
}
