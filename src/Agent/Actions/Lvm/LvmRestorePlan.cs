using System.Globalization;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>What a merge would do.</summary>
/// <param name="Origin">What gets the content.</param>
/// <param name="Safety">The snapshot that comes first; Made: an earlier attempt of the run made it.</param>
/// <param name="SafetySizeBytes">Of a classic one.</param>
/// <param name="Detached">
/// Thin: other snapshots of the origin, which lose it: LVM puts the snapshot in its place and drops the old origin.
/// </param>
internal sealed record LvmRestorePlan(
    LvmVolume Snapshot, LvmVolume Origin, LvmSnapshotPlan Safety, long SafetySizeBytes, IReadOnlyList<string> Detached)
{
    private const string SafetyPolicy = "safety";

    /// <summary>Pure.</summary>
    /// <param name="problem">Why there is no plan, one line, safe to show.</param>
    public static LvmRestorePlan? Create(ActionContext context, LvmStock stock, out string problem)
    {
        var action = context.Action.LvmRestore;
        var snapshot = stock.Find(action.Snapshot);
        var origin = snapshot is null ? null : stock.Volumes.FirstOrDefault(snapshot.IsSnapshotOf);
        problem = Problem(action, snapshot, origin, stock);
        if (problem.Length > 0)
        {
            return null;
        }

        var made = stock.SnapshotsOf(origin!).FirstOrDefault(s => LvmTags.IsSafetyOf(s.Tags, context.RunId));
        var name = $"{origin!.Name}.{SnapshotName.Create(SafetyPolicy, context.ScheduledAt, context.RunId)}";
        var safety = new LvmSnapshotPlan(origin, made?.Name ?? name, made);
        var extent = stock.Group(origin.Group)?.ExtentBytes ?? 0;
        var size = action.SafetySizeBytes > 0 ? action.SafetySizeBytes : snapshot!.SizeBytes + extent;
        problem = made is not null ? ""
            : !LvmNames.IsVolume(name) || !LvmNames.Fits(origin.Group, name)
                ? $"LVM does not accept the name {name}, which the safety snapshot would have"
            : stock.Find(safety.FullName) is not null ? $"{safety.FullName} already exists, and this run did not make it"
            : LvmPreflight.Problem(new LvmSnapshotAction { ClassicSizeBytes = size }, stock, [safety]) is { } full
                ? $"no room for the safety snapshot: {full}"
            : "";
        var detached = stock.SnapshotsOf(origin).Where(s => origin.Kind == LvmVolumeKind.Thin && s.Uuid != snapshot!.Uuid)
            .Select(s => s.FullName).Order(StringComparer.Ordinal);
        return problem.Length > 0 ? null : new LvmRestorePlan(snapshot!, origin, safety, size, [.. detached]);
    }

    /// <summary>For a person: what happens, and what is lost.</summary>
    public IEnumerable<string> Describe()
    {
        var at = Snapshot.Created is { } created
            ? created.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : "an unknown time";
        yield return $"{Origin.FullName} gets the content of {Snapshot.FullName}, of {at}: everything written to it since is lost";
        yield return $"its current state is first kept as "
            + $"{Safety.FullName}{(Safety.IsThin ? "" : $", which can take up {SizeText.Format(SafetySizeBytes)}")}";
        yield return Origin.MayBeOpen
            ? $"{Origin.FullName} is open: the merge waits for its next activation (unmount it, then lvchange -an and lvchange -ay; or a "
                + $"restart of the host)"
            : $"{Origin.FullName} is not open: the merge begins at once";
        yield return $"{Snapshot.FullName} disappears";
        if (Safety.IsThin)
        {
            yield return $"{Safety.FullName}{(Detached.Count > 0 ? $" and {Detached.Count} other snapshot(s)" : "")} become volumes of "
                + $"their own: no policy prunes them any longer, and none can be merged; files can be restored from them";
        }
    }

    private static string Problem(LvmRestoreAction action, LvmVolume? snapshot, LvmVolume? origin, LvmStock stock) =>
        snapshot is null ? $"there is no volume {action.Snapshot}"
        : action.Uuid.Length > 0 ? snapshot.Uuid == action.Uuid ? Problem(snapshot, origin, stock) : snapshot.NotTheOneAskedFor
        : action.DryRun ? Problem(snapshot, origin, stock)
        : "the snapshot's UUID is missing: a dry run shows it";

    private static string Problem(LvmVolume snapshot, LvmVolume? origin, LvmStock stock) =>
        !LvmTags.IsFleets(snapshot.Tags) ? $"{snapshot.FullName} does not carry Fleet's tags: only snapshots that Fleet made are merged"
        : origin is null
            ? $"{snapshot.FullName} is not a snapshot of any volume: its origin is gone, or was given the content of another snapshot"
        : snapshot.Merging || origin.Merging || stock.SnapshotsOf(origin).Any(s => s.Merging)
            ? $"a snapshot is being merged into {origin.FullName} already, or waits to be"
        : snapshot.SnapshotInvalid ? $"{snapshot.FullName} overflowed: its content is lost"
        : LvmTags.IsProtected(snapshot.Tags)
            ? $"{snapshot.FullName} carries the tag {LvmTags.Protected}, and a merge would make it disappear: unprotect it first"
        : LvmPrunePlan.InUse(snapshot) is { } used ? $"{snapshot.FullName}: {used}"
        : stock.Volumes.Any(v => v.OriginUuid == snapshot.Uuid) ? $"there are snapshots of {snapshot.FullName}"
        : "";
}
