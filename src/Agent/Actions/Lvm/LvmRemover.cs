using Fleet.Agent.Lvm;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>
/// Removes snapshots of one volume, one by one. Right before each, everything that LVM has is looked at again: the snapshot that was
/// planned must be there under its name, still be Fleet's, of the same owners and the same origin, and in nobody's use. lvremove
/// itself is then given both name and UUID, and removes only what matches both.
/// </summary>
internal sealed class LvmRemover(LvmAttempt attempt, string owner)
{
    private readonly List<LvmVolume> _removed = [];
    private readonly List<string> _problems = [];

    public IReadOnlyList<LvmVolume> Removed => _removed;

    /// <summary>Why some that were planned stayed. Sentences for people, safe to show.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <returns>Null if it went through, except for what <see cref="Problems"/> says. Otherwise further calls are useless.</returns>
    public async Task<LvmError?> RemoveAsync(LvmPrunePlan plan, CancellationToken cancellationToken)
    {
        var (stock, error) = await attempt.LookAsync(cancellationToken);
        foreach (var snapshot in plan.Doomed)
        {
            if (error is not null || cancellationToken.IsCancellationRequested)
            {
                break;
            }

            if (Doubt(plan.Origin, snapshot, stock) is { } doubt)
            {
                _problems.Add($"{snapshot.FullName} stays: {doubt}");
                continue;
            }

            var refusal = await attempt.RunAsync(
                "lvremove", LvmCommands.Remove(snapshot.Group, snapshot.Name, snapshot.Uuid), cancellationToken);

            // It succeeds, too, when nothing fits.
            (stock, error) = await attempt.LookAsync(CancellationToken.None);
            if (error is null && !stock.Volumes.Any(v => v.Uuid == snapshot.Uuid))
            {
                _removed.Add(snapshot);
            }
            else if (refusal is null or { Kind: LvmErrorKind.Busy or LvmErrorKind.Merging or LvmErrorKind.DoesNotExist })
            {
                _problems.Add($"{snapshot.FullName} stays: {refusal?.Message ?? "lvremove did not remove it"}");
            }
            else
            {
                error ??= refusal;
            }
        }

        return error;
    }

    private string? Doubt(LvmVolume origin, LvmVolume planned, LvmStock stock)
    {
        if (stock.Volumes.FirstOrDefault(v => v.Uuid == planned.Uuid) is not { } found)
        {
            return stock.Find(planned.FullName) is null ? "it is already gone" : "another volume has taken the name";
        }

        var owners = LvmTags.Owners(found.Tags);
        return found.FullName != planned.FullName || stock.Find(planned.FullName) is null ? "it has been renamed"
            : !found.IsSnapshotOf(origin) ? $"it is no longer a snapshot of {origin.FullName}"
            : !owners.Contains(owner) ? "it no longer carries Fleet's tags"
            : !owners.SequenceEqual(LvmTags.Owners(planned.Tags)) ? "its owners have changed"
            : LvmTags.IsProtected(found.Tags) ? $"it carries the tag {LvmTags.Protected}"
            : stock.Volumes.Any(v => v.OriginUuid == found.Uuid) ? "there are snapshots of it"
            : LvmPrunePlan.InUse(found);
    }
}
