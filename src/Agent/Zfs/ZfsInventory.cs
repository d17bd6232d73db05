using Fleet.Agent.Zfs.Listing;
using Fleet.Agent.Zfs.Pool;

namespace Fleet.Agent.Zfs;

/// <summary>
/// Reads the ZFS pools of this host, one by one, so that one that hangs does not affect the others. Every call has a deadline; a
/// suspended pool is not asked at all. Snapshots, of which there may be many, are only listed again where they changed.
/// Not thread-safe: one reading at a time.
/// </summary>
/// <param name="cache">Of the agent.</param>
internal sealed class ZfsInventory(ZfsQuery query, ZfsSnapshotCache cache, TimeProvider time)
{
    /// <summary>For what zpool answers from memory.</summary>
    public static readonly TimeSpan PoolTimeout = TimeSpan.FromSeconds(30);

    /// <summary>For lists, which may have to be read from disks: 10,000 snapshots took 24 s in a slow virtual machine.</summary>
    public static readonly TimeSpan ListTimeout = TimeSpan.FromMinutes(5);

    public async Task<ZfsReport> ReadAsync(CancellationToken cancellationToken)
    {
        var pools = new ZfsListing<ZfsPool>(ZfsPool.Parse, p => p.Name);
        if (await query.RunAsync("zpool", "", ZfsCommands.Pools(), pools, pools.Errors, PoolTimeout, cancellationToken) is { } error)
        {
            return new ZfsReport { Pools = [], KnowsSnapshotsChanged = cache.KnowsSnapshotsChanged ?? false, Problems = [error.Message] };
        }

        List<ZfsPoolReport> reports = [];
        foreach (var pool in pools.Items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            reports.Add(await ReadPoolAsync(pool, cancellationToken));
        }

        cache.Trim(reports.SelectMany(r => r.Datasets).Select(d => d.Guid));
        return new ZfsReport
        {
            Pools = reports,
            KnowsSnapshotsChanged = cache.KnowsSnapshotsChanged ?? false,
            Problems = Refused("zpool list", pools.Refused, pools.RefusedTotal),
        };
    }

    private async Task<ZfsPoolReport> ReadPoolAsync(ZfsPool pool, CancellationToken cancellationToken)
    {
        List<string> problems = [];
        var status = new ZpoolStatusParser();
        var statusError = await query.RunAsync(
            "zpool", pool.Name, ZfsCommands.PoolStatus(pool.Name), status, status.Errors, PoolTimeout, cancellationToken);
        if (statusError is not null)
        {
            problems.Add(statusError.Message);
        }

        var report = new ZfsPoolReport { Pool = pool, Status = statusError is null ? status.Result : null, Problems = problems };
        problems.AddRange(Refused("zpool status", report.Status?.Refused ?? [], report.Status?.Refused.Count ?? 0));
        if (!pool.Answers)
        {
            problems.Add($"the pool is {pool.Health.ToString().ToUpperInvariant()}: its datasets are not listed");
            return report;
        }

        var (datasets, complete) = await ListDatasetsAsync(pool, problems, cancellationToken);
        var lister = new ZfsSnapshotLister(query, cache, time, ListTimeout);
        await lister.ListAsync(pool.Name, datasets.Select(d => d.Mark), cancellationToken);
        problems.AddRange(lister.Problems);
        return report with
        {
            Datasets = datasets,
            DatasetsComplete = complete,
            Snapshots = lister.Snapshots,
            DatasetsListed = lister.Listed.Count,
        };
    }

    private async Task<(IReadOnlyList<ZfsDataset> Datasets, bool Complete)> ListDatasetsAsync(
        ZfsPool pool, List<string> problems, CancellationToken cancellationToken)
    {
        var list = new ZfsListing<ZfsDataset>(static _ => null, d => d.Name);
        var error = await cache.AskAsync(asking =>
        {
            list = new ZfsListing<ZfsDataset>(
                line => ZfsDataset.Parse(line, asking) is { } d && d.Pool == pool.Name ? d : null, d => d.Name);
            return query.RunAsync(
                "zfs", pool.Name, ZfsCommands.Datasets(pool.Name, asking), list, list.Errors, ListTimeout, cancellationToken);
        });
        if (error is not null)
        {
            problems.Add(error.Message);
            return ([], false);
        }

        problems.AddRange(Refused("zfs list", list.Refused, list.RefusedTotal));
        return ([.. list.Items], list.IsComplete);
    }

    private static IReadOnlyList<string> Refused(string tool, IReadOnlyList<string> lines, long total) =>
        total == 0 ? [] : [$"{total} line(s) of {tool} were not understood, the first: {lines[0]}"];
}
