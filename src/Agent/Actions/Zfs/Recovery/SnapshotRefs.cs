using Fleet.Agent.Logging;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs.Recovery;

/// <summary>Snapshots that an action names: checked as text, then against what exists.</summary>
internal static class SnapshotRefs
{
    /// <summary>Null if it is a full name with an identity.</summary>
    public static string? Problem(ZfsSnapshotRef? reference) => Problem(reference, '@');

    /// <summary>Null if it is a snapshot, a bookmark or a dataset with its identity.</summary>
    public static string? DoomedProblem(ZfsSnapshotRef reference) =>
        reference.Name.Contains('@') ? Problem(reference, '@')
        : reference.Name.Contains('#') ? Problem(reference, '#')
        : ZfsNames.IsDataset(reference.Name) && reference.Guid != 0 ? null
        : $"{LogText.Escape(reference.Name)} is not a dataset name with its guid";

    private static string? Problem(ZfsSnapshotRef? reference, char mark)
    {
        var at = reference?.Name.IndexOf(mark, StringComparison.Ordinal) ?? -1;
        return at > 0
            && ZfsNames.IsDataset(reference!.Name.AsSpan(0, at))
            && ZfsNames.IsSnapshotPart(reference.Name.AsSpan(at + 1))
            && reference.Guid != 0
            ? null
            : $"{LogText.Escape(reference?.Name ?? "")} is not a full snapshot name with its guid";
    }

    public static string DatasetOf(ZfsSnapshotRef reference) => reference.Name[..reference.Name.AsSpan().IndexOfAny('@', '#')];

    /// <summary>What holds of these snapshots now, by full name.</summary>
    /// <returns>Stop: one is gone, or its name stands for another one.</returns>
    public static async Task<(IReadOnlyDictionary<string, ZfsIdentity> Found, ActionResult? Stop)> FindAsync(
        ZfsAttempt attempt, IReadOnlyCollection<ZfsSnapshotRef> references, CancellationToken cancellationToken)
    {
        Dictionary<string, ZfsIdentity> found = [];
        foreach (var pool in references.GroupBy(r => ZfsNames.PoolOf(r.Name)))
        {
            var output = new ZfsIdentityOutput();
            var error = await attempt.Query.RunAsync(
                "zfs", pool.Key, ZfsCommands.Identity(pool.Select(r => r.Name)), output, output.Errors,
                attempt.Limit(ZfsInventory.ListTimeout), cancellationToken);
            if (error is not null || output.Refused is not null)
            {
                return (found, error is not null ? ZfsAttempt.Stopped(error, cancellationToken) : ToolOutcome.Failed(
                    $"a line of zfs get was not understood: {output.Refused}"));
            }

            foreach (var (name, identity) in output.Snapshots)
            {
                found[name] = identity;
            }
        }

        var wrong = references.FirstOrDefault(r => !found.TryGetValue(r.Name, out var identity) || identity.Guid.Value != r.Guid);
        return (found, wrong is null ? null : ToolOutcome.Failed(
            $"{wrong.Name} is no longer the snapshot with guid {wrong.Guid}: nothing was done"));
    }
}
