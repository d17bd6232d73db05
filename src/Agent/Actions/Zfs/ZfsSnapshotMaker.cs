using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>
/// Makes the snapshots of one pool, at one instant or not at all, so that a second attempt of the same run changes nothing more:
/// the name follows from the run, and what carries it is known by its run id.
/// </summary>
internal sealed class ZfsSnapshotMaker(ZfsQuery query, ActionContext context)
{
    /// <summary>Far below what the kernel takes as arguments of one program (2 MiB).</summary>
    private const int MaxArgumentBytes = 1024 * 1024;

    private const int MaxTries = 4;
    private const int MaxInOneCall = 500;

    /// <summary>What a call may take now, the time that is left of the attempt included.</summary>
    public required Func<TimeSpan, TimeSpan> Limit { get; init; }

    /// <returns>The snapshots, or why there are none.</returns>
    public async Task<(IReadOnlyList<ZfsSnapshot> Made, ZfsError? Error)> MakeAsync(
        ZfsSnapshotPlan plan, CancellationToken cancellationToken)
    {
        var name = SnapshotName.Create(context.Policy, context.ScheduledAt);
        var missing = plan.Targets.Select(t => t.Name).ToList();
        var roots = plan.RecursiveRoots;
        for (var i = 0; i < MaxTries; i++)
        {
            if (missing.Count > 0)
            {
                if (await CreateAsync(
                    plan.Pool, roots, missing, name.ToString(), cancellationToken) is { } error and not { Kind: ZfsErrorKind.Exists })
                {
                    return ([], error);
                }
            }

            var (found, lookError) = await LookAsync(plan, name.ToString(), cancellationToken);
            if (lookError is not null)
            {
                return ([], lookError);
            }

            if (found.Any(s => s.RunId != context.RunId))
            {
                // Another run of this policy that was asked for in the same second.
                name = SnapshotName.Create(context.Policy, context.ScheduledAt, context.RunId);
                missing = [.. plan.Targets.Select(t => t.Name)];
                roots = plan.RecursiveRoots;
                continue;
            }

            missing = [.. plan.Targets.Select(t => t.Name).Except(found.Select(s => s.Dataset))];
            roots = [];
            if (missing.Count == 0)
            {
                return (found, null);
            }
        }

        return ([], new ZfsError(
            ZfsErrorKind.Exists, $"snapshots named {name} appear and disappear: {missing.Count} dataset(s) still have none", []));
    }

    private async Task<ZfsError?> CreateAsync(
        string pool, IReadOnlyList<string> roots, List<string> datasets, string name, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> properties =
        [
            new(ZfsCommands.RunProperty, context.RunId),
            new(ZfsCommands.HostProperty, context.HostId),
        ];
        if (context.Policy.Length > 0)
        {
            properties.Insert(0, new(ZfsCommands.PolicyProperty, context.Policy));
        }
        else if (context.Action.ZfsSnapshot.Note is { Length: > 0 } note)
        {
            properties.Add(new(ZfsCommands.NoteProperty, note));
        }

        var arguments = ZfsCommands.Snapshot(roots.Count > 0 ? roots : datasets, roots.Count > 0, name, properties);
        if (arguments.Sum(a => a.Bytes.Length + 1) > MaxArgumentBytes)
        {
            return new ZfsError(
                ZfsErrorKind.InvalidRequest,
                $"{datasets.Count} datasets of pool {pool} are too many to name at once: make the policy recursive without excludes, or "
                    + $"split it into several",
                []);
        }

        var output = new ZfsListing<ZfsSnapshot>(_ => null, s => s.FullName);
        return await query.RunAsync("zfs", pool, arguments, output, output.Errors, Limit(ZfsInventory.ListTimeout), cancellationToken);
    }

    private async Task<(IReadOnlyList<ZfsSnapshot> Found, ZfsError? Error)> LookAsync(
        ZfsSnapshotPlan plan, string name, CancellationToken cancellationToken)
    {
        List<ZfsSnapshot> found = [];
        foreach (var some in plan.Targets.Select(t => $"{t.Name}@{name}").Chunk(MaxInOneCall))
        {
            var asked = some.ToHashSet();
            var parser = new ZfsSnapshotListParser();
            var list = new ZfsListing<ZfsSnapshot>(l => parser.Parse(l) is { } s && asked.Contains(s.FullName) ? s : null, s => s.FullName);
            var error = await query.RunAsync(
                "zfs", plan.Pool, ZfsCommands.SnapshotsNamed(some), list, list.Errors, Limit(ZfsInventory.ListTimeout), cancellationToken);
            if (error is not null and not { Kind: ZfsErrorKind.DoesNotExist })
            {
                return ([], error);
            }

            if (!list.IsComplete)
            {
                return ([], new ZfsError(ZfsErrorKind.Unknown, $"a line of zfs list was not understood: {list.Refused[0]}", []));
            }

            found.AddRange(list.Items);
        }

        return (found, null);
    }
}
