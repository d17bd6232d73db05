using System.Text;
using Fleet.Agent.Mounts;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.FileSystems;

/// <summary>
/// Space, inodes and state of every mounted file system that holds data. Which there are comes from /proc/self/mountinfo, which
/// cannot hang; one that does not answer within <see cref="AnswerTimeout"/> is reported as hung and not asked again until
/// the first question was answered.
/// </summary>
internal sealed class FileSystemCollector(HostPaths paths, TimeProvider time, Func<byte[], FileSystemUsage>? read = null)
    : ICollector, IDisposable
{
    /// <summary>For one file system.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Kernel interfaces and memory: nothing in them survives a reboot or can fill up a disk.</summary>
    private static readonly HashSet<string> LeftOutTypes =
    [
        "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs", "fuse.lxcfs",
        "fuse.gvfsd-fuse", "fuse.portal", "fusectl", "hugetlbfs", "iso9660", "mqueue", "nsfs", "proc", "pstore", "ramfs", "rpc_pipefs", "securityfs",
        "selinuxfs", "squashfs", "sysfs", "tmpfs", "tracefs",
    ];

    private readonly ProcFile _mountInfo = new(paths.Proc("self/mountinfo"));
    private readonly Dictionary<int, Task<FileSystemUsage>> _unanswered = [];
    private byte[] _mountInfoText = [];
    private IReadOnlyList<Watched> _watched = [];
    private ProbeThread? _thread;

    public string Name => "filesystems";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(20);

    public async ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        Refresh();
        foreach (var watched in _watched)
        {
            if (_unanswered.TryGetValue(watched.Mount.Id, out var earlier))
            {
                if (!earlier.IsCompleted)
                {
                    WriteHung(writer, watched, hung: true);
                    continue;
                }

                _unanswered.Remove(watched.Mount.Id);
            }

            _thread ??= new ProbeThread(read ?? (path => StatVfs.Read(path)));
            var answer = _thread.ReadAsync(watched.Path);
            try
            {
                Write(writer, watched, await answer.WaitAsync(AnswerTimeout, time, cancellationToken));
            }
            catch (TimeoutException)
            {
                WalkAway(watched, answer);
                WriteHung(writer, watched, hung: true);
            }
            catch (OperationCanceledException)
            {
                // The collector's own time is up: not known yet whether this one hangs, but nothing may queue up behind it.
                WalkAway(watched, answer);
                throw;
            }
        }
    }

    public void Dispose()
    {
        _mountInfo.Dispose();
        _thread?.Dispose();
    }

    private void WalkAway(Watched watched, Task<FileSystemUsage> answer)
    {
        _unanswered[watched.Mount.Id] = answer;
        _thread?.Dispose();
        _thread = null;
    }

    private void Refresh()
    {
        var text = _mountInfo.Read();
        if (text.SequenceEqual(_mountInfoText))
        {
            return;
        }

        _mountInfoText = text.ToArray();

        // A bind mount or a subvolume shows the same file system again: the shortest path stands for it. One that another was
        // mounted over cannot be asked by its path. Those that can hang come last, so that they do not delay the others.
        var table = MountTable.Parse(text);
        _watched =
        [
            .. table.Mounts
                .Where(m => !LeftOutTypes.Contains(m.Type) && (m.Type != "overlay" || m.Point.AsSpan().SequenceEqual("/"u8)))
                .Where(m => ReferenceEquals(table.Of(m.Point), m))
                .GroupBy(m => m.Device)
                .Select(g => g.MinBy(m => m.Point.Length)!)
                .OrderBy(m => IsRemote(m.Type))
                .ThenBy(m => m.Id)
                .Select(m => new Watched(m, [.. m.Point, 0], Encoding.UTF8.GetBytes(m.Type))),
        ];
        foreach (var gone in _unanswered.Keys.Except(_watched.Select(w => w.Mount.Id)).ToList())
        {
            _unanswered.Remove(gone);
        }
    }

    private static bool IsRemote(string type) =>
        type.StartsWith("nfs", StringComparison.Ordinal) || type.StartsWith("fuse", StringComparison.Ordinal)
        || type is "cifs" or "smb3" or "ceph" or "9p" or "afs" or "glusterfs" or "lustre" or "virtiofs";

    private static void WriteHung(MetricWriter writer, Watched watched, bool hung) =>
        writer.Add("fleet_filesystem_hung", MetricKind.Gauge, hung ? 1 : 0, "mount", watched.Mount.Point, "device", watched.Mount.Source, "type", watched.Type);

    private static void Write(MetricWriter writer, Watched watched, FileSystemUsage usage)
    {
        WriteHung(writer, watched, hung: false);
        if (usage.Error != 0)
        {
            Add("fleet_filesystem_error", 1);
            return;
        }

        Add("fleet_filesystem_error", 0);
        Add("fleet_filesystem_size_bytes", usage.SizeBytes);
        Add("fleet_filesystem_free_bytes", usage.FreeBytes);
        Add("fleet_filesystem_available_bytes", usage.AvailableBytes);
        Add("fleet_filesystem_inodes", usage.Inodes);
        Add("fleet_filesystem_free_inodes", usage.FreeInodes);
        Add("fleet_filesystem_read_only", usage.ReadOnly ? 1 : 0);

        void Add(string name, double value) =>
            writer.Add(name, MetricKind.Gauge, value, "mount", watched.Mount.Point, "device", watched.Mount.Source, "type", watched.Type);
    }

    /// <param name="Path">With a zero byte at its end.</param>
    private sealed record Watched(Mount Mount, byte[] Path, byte[] Type);
}
