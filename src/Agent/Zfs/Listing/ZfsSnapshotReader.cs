namespace Fleet.Agent.Zfs.Listing;

/// <summary>
/// Lists the snapshots of datasets of one pool, as many datasets in one call as fit. When a line of a call is not understood, the
/// call is split, so that one dataset with odd property values does not make the others unknown.
/// </summary>
/// <param name="timeout">For one call.</param>
internal sealed class ZfsSnapshotReader(ZfsQuery query, TimeSpan timeout)
{
    /// <summary>Datasets in one call: 255 bytes each stay far below what the kernel takes as arguments (2 MiB).</summary>
    private const int MaxInOneCall = 500;

    private readonly Dictionary<string, IReadOnlyList<ZfsSnapshot>> _snapshots = [];
    private readonly List<string> _problems = [];

    /// <summary>By dataset, oldest first. A dataset that is missing could not be listed in full, or is gone.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ZfsSnapshot>> Snapshots => _snapshots;

    /// <summary>Sentences for people. Safe to show.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public async Task ReadAsync(string pool, IEnumerable<string> datasets, CancellationToken cancellationToken)
    {
        foreach (var some in datasets.Chunk(MaxInOneCall))
        {
            if (!await ListAsync(pool, some, cancellationToken))
            {
                return;
            }
        }
    }

    /// <returns>False if the pool does not answer, further calls are useless.</returns>
    private async Task<bool> ListAsync(string pool, string[] datasets, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var asked = datasets.ToHashSet();
        var parser = new ZfsSnapshotListParser();
        var list = new ZfsListing<ZfsSnapshot>(
            line => parser.Parse(line) is { } s && asked.Contains(s.Dataset) ? s : null, s => s.FullName);
        var error = await query.RunAsync("zfs", pool, ZfsCommands.Snapshots(datasets), list, list.Errors, timeout, cancellationToken);
        if (error is { Kind: ZfsErrorKind.DoesNotExist, Names.Count: > 0 } && error.Names.All(asked.Contains))
        {
            // Destroyed or renamed since the datasets were listed. zfs still lists the others.
            asked.ExceptWith(error.Names);
        }
        else if (error is not null)
        {
            _problems.Add(error.Message);
            return error.Kind is not (ZfsErrorKind.NoAnswer or ZfsErrorKind.PoolSuspended);
        }

        if (!list.IsComplete)
        {
            return datasets.Length == 1
                ? Refuse(datasets[0], list)
                : await ListAsync(pool, datasets[..(datasets.Length / 2)], cancellationToken)
                    && await ListAsync(pool, datasets[(datasets.Length / 2)..], cancellationToken);
        }

        var byDataset = list.Items.ToLookup(s => s.Dataset);
        foreach (var dataset in asked)
        {
            _snapshots[dataset] = [.. byDataset[dataset]];
        }

        return true;
    }

    private bool Refuse(string dataset, ZfsListing<ZfsSnapshot> list)
    {
        _problems.Add($"{list.RefusedTotal} line(s) on snapshots of {dataset} were not understood, so none of them counts; the first: "
            + $"{list.Refused[0]}");
        return true;
    }
}
