using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>
/// Destroys snapshots of one dataset. zfs knows them by name only, so right before each call it is asked that each name still stands for
/// the guid that was planned, and that it still is Fleet's, unheld, and of the same owners. What is not, stays. Each is named: a range
/// (a%b) would take along whatever is in between, and costs zfs a walk over all of the dataset's snapshots (bench/README.md).
/// </summary>
internal sealed class ZfsDestroyer(ZfsAttempt attempt, string owner)
{
    private static readonly TimeSpan DestroyTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Another round after zfs named a snapshot that cannot go.</summary>
    private const int MaxTries = 5;

    private readonly List<ZfsSnapshot> _destroyed = [];
    private readonly List<string> _problems = [];

    public IReadOnlyList<ZfsSnapshot> Destroyed => _destroyed;

    public long ReclaimedBytes { get; private set; }

    /// <summary>Why some that were planned stayed. Sentences for people, safe to show.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <returns>Null if it went through, except for what <see cref="Problems"/> says. Otherwise further calls are useless.</returns>
    public async Task<ZfsError?> DestroyAsync(ZfsPrunePlan plan, CancellationToken cancellationToken)
    {
        foreach (var batch in ZfsDestroyBatch.Cut(plan.Dataset, plan.Doomed))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await DestroyAsync(batch, cancellationToken) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private async Task<ZfsError?> DestroyAsync(ZfsDestroyBatch batch, CancellationToken cancellationToken)
    {
        for (var i = 0; i < MaxTries; i++)
        {
            var (certain, error) = await StillAsPlannedAsync(batch, cancellationToken);
            if (error is not null || certain.Snapshots.Count == 0)
            {
                return error;
            }

            (var stuck, error) = await CallAsync(certain, cancellationToken);
            if (error is not null || stuck is null)
            {
                return error;
            }

            batch = certain with { Snapshots = [.. certain.Snapshots.Where(s => s.FullName != stuck)] };
        }

        _problems.Add($"{batch.Snapshots.Count} snapshot(s) of {batch.Dataset} were kept: too many others are busy");
        return null;
    }

    /// <summary>Those of the batch that are what the plan was made of.</summary>
    private async Task<(ZfsDestroyBatch Certain, ZfsError? Error)> StillAsPlannedAsync(
        ZfsDestroyBatch batch, CancellationToken cancellationToken)
    {
        var none = batch with { Snapshots = [] };
        var output = new ZfsIdentityOutput();
        var error = await attempt.Query.RunAsync(
            "zfs", ZfsNames.PoolOf(batch.Dataset), ZfsCommands.Identity(batch.Snapshots.Select(s => s.FullName)), output, output.Errors,
            attempt.Limit(ZfsInventory.ListTimeout), cancellationToken);
        if (error is not null and not { Kind: ZfsErrorKind.DoesNotExist })
        {
            return (none, error);
        }

        if (output.Refused is { } line)
        {
            return (none, new ZfsError(ZfsErrorKind.Unknown, $"a line of zfs get was not understood: {line}", []));
        }

        List<ZfsSnapshot> certain = [];
        foreach (var snapshot in batch.Snapshots)
        {
            if (Doubt(snapshot, output.Snapshots.GetValueOrDefault(snapshot.FullName)) is { } doubt)
            {
                _problems.Add($"{snapshot.FullName} stays: {doubt}");
            }
            else
            {
                certain.Add(snapshot);
            }
        }

        return (batch with { Snapshots = certain }, null);
    }

    private string? Doubt(ZfsSnapshot planned, ZfsIdentity? found) =>
        found is null ? "it is already gone, or its state could not be determined"
        : found.Guid != planned.Guid ? "another snapshot has taken the name"
        : found.Holds > 0 ? "it is held"
        : found.RunId is null || !ZfsOwners.Of(found.Policy).Contains(owner) ? "it does not carry Fleet's own properties"
        : found.Policy != planned.Policy ? "its owners have changed"
        : null;

    /// <returns>The full name of one that cannot go; both null if they are destroyed.</returns>
    private async Task<(string? Stuck, ZfsError? Error)> CallAsync(ZfsDestroyBatch batch, CancellationToken cancellationToken)
    {
        var output = new ZfsDestroyOutput();
        var error = await attempt.Query.RunAsync(
            "zfs", ZfsNames.PoolOf(batch.Dataset), ZfsCommands.Destroy(batch.Dataset, batch.Names), output, output.Errors,
            attempt.Limit(DestroyTimeout), cancellationToken);
        if (error is null or { Kind: ZfsErrorKind.NothingToDestroy })
        {
            // A name that no longer exists is silently skipped.
            ZfsSnapshot[] gone = [.. batch.Snapshots.Where(s => !output.Names.Contains(s.FullName))];
            _destroyed.AddRange(batch.Snapshots.Except(gone));
            _problems.AddRange(gone.Select(s => $"{s.FullName}: it is gone, but this run did not destroy it"));
            ReclaimedBytes += output.ReclaimedBytes;
            return (null, output.Refused is { } line ? new ZfsError(ZfsErrorKind.Unknown,
                $"a line of zfs destroy was not understood: {line}", []) : null);
        }

        // Of a list either all go or none.
        return StuckIn(batch, error) is { } stuck ? (stuck, null) : (null, error);
    }

    /// <summary>The full name of one of the batch that cannot go, as zfs says, which is noted. Null if it is another error.</summary>
    private string? StuckIn(ZfsDestroyBatch batch, ZfsError error)
    {
        if (error.Kind is not (ZfsErrorKind.Busy or ZfsErrorKind.HasClones)
            || error.Names.FirstOrDefault(n => batch.Snapshots.Any(s => s.FullName == n)) is not { } stuck)
        {
            return null;
        }

        _problems.Add($"{stuck} stays: {error.Message}");
        return stuck;
    }
}
