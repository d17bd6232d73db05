using Fleet.Agent.Retention;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>
/// What goes and what stays on datasets of one pool. From lists that are remembered follows at most that nothing goes: where something
/// would, the dataset is listed again and planned from that.
/// </summary>
/// <param name="report">Told why a dataset could not be planned.</param>
internal sealed class ZfsPrunePlanner(
    ZfsAttempt attempt, PruneParty own, IReadOnlyList<PruneParty> others, ClockCheck clock, ZfsSnapshotCache known, PruneReport report)
{
    /// <summary>Datasets in one call, see <see cref="ZfsSnapshotReader"/>.</summary>
    private const int MaxInOneCall = 500;

    public async Task<IReadOnlyList<ZfsPrunePlan>> PlanAsync(
        string pool, IReadOnlyList<string> datasets, CancellationToken cancellationToken)
    {
        attempt.Context.Log.Progress(new RunProgress { Phase = $"pool {pool}: listing snapshots" });
        var list = new ZfsListing<DatasetOrigin>(DatasetOrigin.Parse, c => c.Dataset);
        var error = await AskAsync(pool, ZfsCommands.Origins(pool), list, cancellationToken);
        if (error is not null || !list.IsComplete)
        {
            report.Fail(
                error is null ? $"a line of zfs list was not understood: {list.Refused[0]}" : error.Message, error?.Retryable ?? false);
            return [];
        }

        var facts = list.Items.ToDictionary(c => c.Dataset);
        var cloned = list.Items.Select(c => c.Origin).OfType<string>().ToHashSet();
        var marks = await MarksAsync(pool, datasets, cancellationToken);
        var lister = new ZfsSnapshotLister(attempt.Query, known, attempt.Context.Time, attempt.Limit(ZfsInventory.ListTimeout));
        await lister.ListAsync(pool, marks, cancellationToken);
        ZfsChangeMark[] doubtful =
        [
            .. marks.Where(m => !lister.Listed.Contains(m.Name)
                && lister.Snapshots.TryGetValue(m.Name, out var remembered)
                && Plan(m.Name, remembered, cloned).Doomed.Count > 0),
        ];
        await lister.ListAllAsync(pool, doubtful, cancellationToken);

        foreach (var trouble in lister.Problems)
        {
            report.Fail(trouble, retryable: true);
        }

        List<ZfsPrunePlan> plans = [];
        foreach (var dataset in datasets)
        {
            if (!lister.Snapshots.TryGetValue(dataset, out var snapshots) || !facts.TryGetValue(dataset, out var fact))
            {
                // Gone since, or named in a problem.
                continue;
            }

            if (fact.MasksOwnership)
            {
                report.Fail($"{dataset} itself carries fleet:policy or fleet:run, which its snapshots inherit, so nothing tells which of "
                    + $"them Fleet made: remove them with zfs inherit", retryable: false);
            }
            else if (snapshots.DistinctBy(s => s.Guid).Count() != snapshots.Count)
            {
                report.Fail($"two snapshots of {dataset} have the same guid: neither can be identified with certainty", retryable: false);
            }
            else
            {
                plans.Add(Plan(dataset, snapshots, cloned));
            }
        }

        return plans;
    }

    private ZfsPrunePlan Plan(string dataset, IReadOnlyList<ZfsSnapshot> snapshots, HashSet<string> cloned)
    {
        var rule = attempt.Context.Guard.Storage.Nearest(dataset)!;
        var guard = new RetentionGuard { Floor = rule.KeepNewest, YoungestAge = rule.YoungestAge };
        return ZfsPrunePlan.Create(dataset, snapshots, own, others, cloned, clock, guard);
    }

    /// <summary>One for each dataset.</summary>
    private async Task<IReadOnlyList<ZfsChangeMark>> MarksAsync(
        string pool, IReadOnlyList<string> datasets, CancellationToken cancellationToken)
    {
        Dictionary<string, ZfsChangeMark> marks = [];
        foreach (var some in datasets.Chunk(MaxInOneCall))
        {
            var list = new ZfsListing<ZfsChangeMark>(ZfsChangeMark.Parse, m => m.Name);
            var error = await known.AskAsync(asking => asking
                ? AskAsync(pool, ZfsCommands.ChangeMarks(some), list, cancellationToken)
                : Task.FromResult<ZfsError?>(null));
            foreach (var mark in error is null ? list.Items : [])
            {
                marks[mark.Name] = mark;
            }
        }

        return [.. datasets.Select(d => marks.GetValueOrDefault(d) ?? ZfsChangeMark.Unknown(d))];
    }

    private Task<ZfsError?> AskAsync<T>(
        string pool, IReadOnlyList<ToolArgument> arguments, ZfsListing<T> list, CancellationToken cancellationToken)
        where T : class =>
        attempt.Query.RunAsync("zfs", pool, arguments, list, list.Errors, attempt.Limit(ZfsInventory.ListTimeout), cancellationToken);
}
