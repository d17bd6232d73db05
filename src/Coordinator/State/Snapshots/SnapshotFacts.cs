using System.Globalization;
using System.Text;
using Fleet.Coordinator.State.Runs;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>
/// Makes rows of the catalogue from what hosts report. Pure. Whatever a host reports, texts are bounded and instants are valid.
/// </summary>
internal static class SnapshotFacts
{
    /// <summary>PATH_MAX of Linux; names of ZFS and LVM are shorter.</summary>
    private const int MaxText = 4_096;

    private static readonly DateTimeOffset LatestInstant = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <returns>Null if it does not name a dataset.</returns>
    public static SnapshotRow? Of(RunRow run, ZfsSnapshotInfo info, DateTimeOffset evidence) =>
        info.Name.Split('@') is [{ Length: > 0 } dataset, { Length: > 0 }]
            ? New(
                run.HostId,
                SnapshotKind.Zfs,
                dataset,
                dataset,
                info.Guid.ToString(CultureInfo.InvariantCulture),
                info.Name,
                evidence
            ) with
            {
                CreatedAt = Instant(info.CreatedAt),
                Policy = run.Policy,
                RunId = run.RunId,
                MadeOn = run.HostId,
                Note = run.Note,
                ReferencedBytes = Math.Max(0, info.ReferencedBytes),
            }
            : null;

    /// <returns>Null if it does not name a volume.</returns>
    public static SnapshotRow? Of(RunRow run, LvmSnapshotInfo info, DateTimeOffset evidence) =>
        info.Name.Split('/') is [{ Length: > 0 } group, { Length: > 0 } name]
            ? New(run.HostId, SnapshotKind.Lvm, group, $"{group}/{OriginOf(name)}", info.Uuid, info.Name, evidence) with
            {
                CreatedAt = Instant(info.CreatedAt),
                Policy = run.Policy,
                RunId = run.RunId,
                MadeOn = run.HostId,
                Note = run.Note,
                ReferencedBytes = Math.Max(0, info.SizeBytes),
            }
            : null;

    /// <summary>The row of a dated tree.</summary>
    public static SnapshotRow Of(RunRow run, ByteString tree, long bytes, DateTimeOffset evidence)
    {
        var path = PathText(tree.Span);
        var folder = path.LastIndexOf('/') is > 0 and var end ? path[..end] : "/";
        return New(run.HostId, SnapshotKind.Tree, folder, folder, path, path, evidence) with
        {
            CreatedAt = run.ScheduledAt,
            Policy = run.Policy,
            RunId = run.RunId,
            MadeOn = run.HostId,
            Note = run.Note,
            ReferencedBytes = Math.Max(0, bytes),
        };
    }

    /// <summary>The row of a snapshot in a host's list.</summary>
    public static SnapshotRow Of(string hostId, SnapshotKind kind, string scope, StoredSnapshot stored, DateTimeOffset evidence)
    {
        var isZfs = kind == SnapshotKind.Zfs;
        var origin = isZfs ? scope : $"{scope}/{(stored.Origin.Length > 0 ? stored.Origin : OriginOf(stored.Name))}";
        return New(hostId, kind, scope, origin, stored.Identity, isZfs ? $"{scope}@{stored.Name}" : $"{scope}/{stored.Name}", evidence) with
        {
            CreatedAt = Instant(stored.CreatedAt),
            Policy = WireText.Cut(stored.Policy, MaxText),
            RunId = WireText.Cut(stored.RunId, MaxText),
            MadeOn = isZfs ? WireText.Cut(stored.MadeOn, MaxText) : hostId,
            UsedBytes = Math.Max(0, stored.UsedBytes),
            ReferencedBytes = Math.Max(0, stored.ReferencedBytes),
            Holds = Math.Max(0, stored.Holds),
        };
    }

    /// <summary>
    /// A path as text: bytes that are not UTF-8 become \xNN, and a backslash becomes two, so that no two paths become one text.
    /// </summary>
    public static string PathText(ReadOnlySpan<byte> path)
    {
        var text = new StringBuilder(path.Length);
        while (!path.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(path, out var rune, out var used) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.Value == '\\' ? "\\\\" : rune.ToString());
            }
            else
            {
                foreach (var value in path[..used])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
                }
            }

            path = path[used..];
        }

        return text.ToString();
    }

    /// <summary>Null if absent or out of range.</summary>
    public static DateTimeOffset? Instant(Timestamp? time) =>
        time is { Seconds: > 0, Nanos: >= 0 and < 1_000_000_000 } && time.Seconds < LatestInstant.ToUnixTimeSeconds()
            ? time.ToDateTimeOffset()
            : null;

    // A snapshot is named after its volume, "home.fleet_..."; the volume may already be gone.
    private static string OriginOf(string name) =>
        name.IndexOf(".fleet_", StringComparison.Ordinal) is > 0 and var end ? name[..end] : name;

    private static SnapshotRow New(
        string hostId,
        SnapshotKind kind,
        string scope,
        string origin,
        string identity,
        string name,
        DateTimeOffset evidence
    ) =>
        new()
        {
            HostId = hostId,
            Kind = kind,
            Scope = WireText.Cut(scope, MaxText),
            Origin = WireText.Cut(origin, MaxText),
            Identity = WireText.Cut(identity, MaxText),
            Name = WireText.Cut(name, MaxText),
            EvidenceAt = evidence,
        };
}
