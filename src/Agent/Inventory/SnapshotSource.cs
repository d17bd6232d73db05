using System.Globalization;
using Fleet.Agent.Lvm;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Inventory;

/// <summary>Where one SnapshotList comes from.</summary>
/// <param name="Scope">A dataset, or a volume group.</param>
/// <param name="Stock">What it is made of. The same object again: nothing has changed.</param>
/// <param name="Create">Makes the list: the snapshots that carry Fleet's marks.</param>
internal sealed record SnapshotSource(SnapshotKind Kind, string Scope, object Stock, Func<SnapshotList> Create)
{
    private const int RunIdLength = 32;

    /// <summary>One for each dataset and group of which all snapshots are known.</summary>
    public static IEnumerable<SnapshotSource> Of(HostInventory host)
    {
        foreach (var (dataset, snapshots) in host.Zfs?.Pools.SelectMany(p => p.Snapshots) ?? [])
        {
            yield return new SnapshotSource(SnapshotKind.Zfs, dataset, snapshots, () => new SnapshotList
            {
                Kind = SnapshotKind.Zfs,
                Scope = dataset,
                Snapshots = { snapshots.Where(s => IsRunId(s.RunId)).Select(Message) },
            });
        }

        // Two groups of one name cannot be distinguished by what an action names: nothing is said about either.
        foreach (var group in host.Lvm?.Groups.GroupBy(g => g.Name).Where(g => g.Count() == 1).Select(g => g.Key) ?? [])
        {
            yield return new SnapshotSource(SnapshotKind.Lvm, group, host.Lvm!, () => new SnapshotList
            {
                Kind = SnapshotKind.Lvm,
                Scope = group,
                Snapshots = { host.Lvm!.Volumes.Where(v => v.Group == group && LvmTags.RunOf(v.Tags).Length > 0).OrderBy(v => v.Uuid,
                    StringComparer.Ordinal).Select(Message) },
            });
        }
    }

    private static bool IsRunId(string? text) => text is { Length: RunIdLength } && text.All(char.IsAsciiHexDigitLower);

    private static StoredSnapshot Message(ZfsSnapshot snapshot) => new()
    {
        Name = snapshot.Name,
        Identity = snapshot.Guid.Value.ToString(CultureInfo.InvariantCulture),
        CreatedAt = Timestamp.FromDateTimeOffset(snapshot.Creation),
        UsedBytes = snapshot.UsedBytes,
        ReferencedBytes = snapshot.ReferencedBytes,
        Holds = snapshot.Holds,
        Policy = string.Join(',', ZfsOwners.Of(snapshot.Policy)),
        RunId = snapshot.RunId,
        MadeOn = Guid.TryParseExact(snapshot.HostId, "D", out _) ? snapshot.HostId : "",
    };

    private static StoredSnapshot Message(LvmVolume volume) => new()
    {
        Name = volume.Name,
        Identity = volume.Uuid,
        CreatedAt = volume.Created is { } created ? Timestamp.FromDateTimeOffset(created) : null,
        UsedBytes = volume is { Kind: LvmVolumeKind.ClassicSnapshot, DataPercent: { } percent }
            ? (long)(volume.SizeBytes * percent / 100)
            : 0,
        ReferencedBytes = volume.SizeBytes,
        Holds = LvmTags.IsProtected(volume.Tags) ? 1 : 0,
        Policy = string.Join(',', LvmTags.Owners(volume.Tags)),
        RunId = LvmTags.RunOf(volume.Tags),
        Origin = volume.Origin ?? "",
    };
}
