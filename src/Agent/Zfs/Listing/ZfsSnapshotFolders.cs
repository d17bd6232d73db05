using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Zfs.Listing;

/// <summary>
/// The folders .zfs/snapshot of mounted file systems: zfsprops(7), snapdir. Reading one costs a fraction of what zfs list does, but tells
/// names only. A file system whose folder is not seen here (a volume, not mounted, mounted over, snapdir=disabled) is left to zfs list.
/// </summary>
internal sealed class ZfsSnapshotFolders
{
    private const string Below = "/.zfs/snapshot";
    private readonly Dictionary<string, string> _folders = [];
    private readonly Dictionary<string, string> _datasets = [];

    public ZfsSnapshotFolders(MountTable mounts)
    {
        foreach (var mount in mounts.Mounts.Where(m => m.Type == "zfs" && m.Root is [(byte)'/'] && mounts.Of(m.Point) == m))
        {
            var (dataset, point) = (Encoding.UTF8.GetString(mount.Source), Encoding.UTF8.GetString(mount.Point));
            if (ZfsNames.IsDataset(dataset) && mount.Point.SequenceEqual(Encoding.UTF8.GetBytes(point)) && !point.Any(char.IsControl))
            {
                // Mounted twice (mount --bind of all of it), either will do.
                var folder = point == "/" ? Below : point + Below;
                _folders[dataset] = folder;
                _datasets[folder] = dataset;
            }
        }
    }

    /// <summary>None, where the table of mounts cannot be read.</summary>
    public static ZfsSnapshotFolders Read()
    {
        try
        {
            return new ZfsSnapshotFolders(MountTable.Read());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return new ZfsSnapshotFolders(MountTable.Parse([]));
        }
    }

    public bool Has(string dataset) => _folders.ContainsKey(dataset);

    /// <summary>
    /// find: the names in the folders of these datasets, for <see cref="Parse"/>. It is find(1) that looks, and not the agent, since a
    /// folder of a pool that hangs, hangs whoever looks. Nothing is mounted by listing names.
    /// </summary>
    public IReadOnlyList<ToolArgument> Names(IEnumerable<string> datasets) =>
        [.. datasets.Select(d => (ToolArgument)_folders[d]), "-mindepth", "1", "-maxdepth", "1", "-printf", "%f\\t%H\\n"];

    /// <summary>Full name of a snapshot. Null if the line has another shape and must be refused.</summary>
    public string? Parse(ReadOnlySpan<byte> line)
    {
        var tab = line.IndexOf((byte)'\t');
        if (tab < 1 || !_datasets.TryGetValue(Encoding.UTF8.GetString(line[(tab + 1)..]), out var dataset))
        {
            return null;
        }

        var name = Encoding.UTF8.GetString(line[..tab]);
        return ZfsNames.IsSnapshotPart(name) ? $"{dataset}@{name}" : null;
    }
}
