using System.Text;

namespace Fleet.Agent.Zfs;

/// <summary>Snapshots of one dataset that one call of zfs destroys. Pure.</summary>
/// <param name="Snapshots">In the order in which they were made.</param>
internal sealed record ZfsDestroyBatch(string Dataset, IReadOnlyList<ZfsSnapshot> Snapshots)
{
    /// <summary>
    /// How many one call destroys: what is bounded is how long the pool is busy with it, and how much is lost with a call that fails.
    /// </summary>
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

    /// <summary>What follows the '@'.</summary>
    public IReadOnlyList<string> Names => [.. Snapshots.Select(s => s.Name)];
}
