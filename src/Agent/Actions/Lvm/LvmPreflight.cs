using System.Globalization;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>
/// Whether there is room for snapshots. Pure. A thin pool without room queues writes of everything in it and then fails them; one
/// without metadata must be repaired offline: lvmthin(7). Numbers that are not known are not taken for good ones.
/// </summary>
internal static class LvmPreflight
{
    /// <summary>As LvmSnapshotAction says.</summary>
    private const int DefaultMaxDataPercent = 80, DefaultMaxMetadataPercent = 70;

    /// <param name="plans">Snapshots that are still to be made.</param>
    /// <returns>Why none of them may be made, with the numbers; safe to show. Null if there is room.</returns>
    public static string? Problem(LvmSnapshotAction action, LvmStock stock, IReadOnlyList<LvmSnapshotPlan> plans) =>
        plans.Where(p => p.IsThin)
            .GroupBy(p => p.Origin.PoolUuid)
            .Select(pool => PoolProblem(action, stock, pool.First().Origin))
            .FirstOrDefault(p => p is not null)
        ?? plans.GroupBy(p => p.Origin.Group)
            .Select(group => GroupProblem(action, stock, group.Key, [.. group]))
            .FirstOrDefault(p => p is not null);

    private static string? PoolProblem(LvmSnapshotAction action, LvmStock stock, LvmVolume origin)
    {
        var pool = stock.Volumes.FirstOrDefault(v => v.Uuid == origin.PoolUuid && v.Kind == LvmVolumeKind.ThinPool);
        if (pool is not { DataPercent: { } data, MetadataPercent: { } metadata })
        {
            return $"thin pool {origin.Group}/{origin.Pool}: its usage is not known: is it active?";
        }

        var (maxData, maxMetadata) = Limits(action);
        return pool.Health.Length > 0
            ? $"thin pool {pool.FullName} is not healthy: {Logging.LogText.Escape(pool.Health)} ({Numbers(data, metadata)})"
            : data > maxData || metadata > maxMetadata
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"thin pool {pool.FullName}: {Numbers(data, metadata)}; "
                    + $"no snapshots past {maxData} % and {maxMetadata} %: extend it, or prune")
            : null;
    }

    private static (int Data, int Metadata) Limits(LvmSnapshotAction action) =>
        (action.MaxDataPercent > 0 ? action.MaxDataPercent : DefaultMaxDataPercent,
            action.MaxMetadataPercent > 0 ? action.MaxMetadataPercent : DefaultMaxMetadataPercent);

    private static string? GroupProblem(LvmSnapshotAction action, LvmStock stock, string name, IReadOnlyList<LvmSnapshotPlan> plans)
    {
        if (stock.Group(name) is not { ExtentBytes: > 0 } group)
        {
            return $"group {name}: its free space is not known";
        }

        var classic = plans.Where(p => !p.IsThin).ToList();
        if (classic.Count > 0 && action.ClassicSizeBytes <= 0)
        {
            return $"{classic[0].Origin.FullName} is not thin: its snapshot needs a size, classic_size";
        }

        // The size can be anything that fits into 64 bits.
        var needed = classic.Count * (((Int128)action.ClassicSizeBytes + group.ExtentBytes - 1) / group.ExtentBytes * group.ExtentBytes);
        return group.FreeBytes - needed < action.MinGroupFreeBytes
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"group {name}: {Size(group.FreeBytes)} free, {Size((long)Int128.Min(needed, long.MaxValue))} needed for "
                + $"{classic.Count} classic snapshot(s), and {Size(action.MinGroupFreeBytes)} must stay free")
            : null;
    }

    private static string Numbers(double data, double metadata) => Text($"data {data:0.##} %, metadata {metadata:0.##} %");

    private static string Size(long bytes) => SizeText.Format(bytes);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
