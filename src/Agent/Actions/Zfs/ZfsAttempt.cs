using System.Collections.Concurrent;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>One attempt of an action on ZFS, and the time that is left of it.</summary>
internal sealed class ZfsAttempt(ActionContext context, ConcurrentDictionary<string, byte> hung)
{
    private readonly AttemptTime _time = new(context);

    public ActionContext Context => context;

    public ZfsQuery Query { get; } = new(context.Tools, context.Time, hung);

    /// <inheritdoc cref="AttemptTime.Limit"/>
    public TimeSpan Limit(TimeSpan most) => _time.Limit(most);

    /// <summary>Every dataset that is meant, before excludes, or why that cannot be determined.</summary>
    public async Task<(IReadOnlyList<ZfsTarget> Targets, ActionResult? Stop)> FindAsync(
        ZfsSelection selection, CancellationToken cancellationToken)
    {
        List<ZfsTarget> found = [];
        foreach (var root in selection.Datasets)
        {
            var list = new ZfsListing<ZfsTarget>(
                l => ZfsTarget.Parse(l) is { } t && ZfsNames.IsWithin(t.Name, root) ? t : null, t => t.Name);
            var error = await Query.RunAsync(
                "zfs", ZfsNames.PoolOf(root), ZfsCommands.Targets(root, selection.Recursive), list, list.Errors,
                Limit(ZfsInventory.ListTimeout), cancellationToken);
            if (error is not null)
            {
                return ([], Stopped(error, cancellationToken));
            }

            if (!list.IsComplete)
            {
                return ([], ToolOutcome.Failed($"a line of zfs list was not understood: {list.Refused[0]}"));
            }

            found.AddRange(list.Items);
        }

        return ([.. found.DistinctBy(t => t.Name).OrderBy(t => t.Name, StringComparer.Ordinal)], null);
    }

    /// <summary>Null if the guard's rules allow it for each of these.</summary>
    /// <param name="verb">"snapshot", "prune".</param>
    public ActionResult? Refused(string verb, IEnumerable<ZfsTarget> targets) =>
        context.Guard.Storage.Refusal(verb, targets.Select(t => t.Name)) is { } refusal ? ToolOutcome.Refused(refusal) : null;

    public static ActionResult Stopped(ZfsError error, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ToolOutcome.Cancelled() : ToolOutcome.Failed(error.Message, error.Retryable);
}
