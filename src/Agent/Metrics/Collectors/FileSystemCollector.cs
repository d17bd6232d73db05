using System.Text;
using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

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
        "fuse.gvfsd-fuse", "fuse.portal", "fusectl", "hugetlbfs", "iso9660", "mqueue", "nsfs", "proc", "pstore", "ramfs", "rpc_pipefs",
        "securityfs",
        "selinuxfs", "squashfs", "sysfs", "tmpfs", "tracefs",
    ];

    private readonly ProcFile _mountInfo = new(paths.Proc("self/mountinfo"));
    private readonly Func<byte[], FileSystemUsage> _read = read ?? (static path => StatVfs.Read(path));
    private readonly Dictionary<int, Task> _unanswered = [];
    private readonly Dictionary<int, FileSystemUsage> _answers = [];
    private byte[] _mountInfoText = [];
    private IReadOnlyList<Watched> _watched = [];
    private ProbeThread? _thread;
    private Questions? _questions;

    public string Name => "filesystems";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(20);

    public void Prepare()
    {
        Refresh();
        foreach (var watched in _watched)
        {
            if (_unanswered.TryGetValue(watched.Mount.Id, out var earlier) && earlier.IsCompleted)
            {
                _unanswered.Remove(watched.Mount.Id);
            }
        }

        _answers.Clear();
        _questions = Ask([.. _watched.Where(w => !_unanswered.ContainsKey(w.Mount.Id))]);
    }

    public async ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        if (_questions is null)
        {
            Prepare();
        }

        try
        {
            for (var questions = _questions!; questions is not null;)
            {
                questions = await FollowAsync(questions, cancellationToken);
            }
        }
        finally
        {
            _questions = null;
            foreach (var watched in _watched)
            {
                if (_answers.TryGetValue(watched.Mount.Id, out var usage))
                {
                    Write(writer, watched, usage);
                }
                else if (_unanswered.ContainsKey(watched.Mount.Id))
                {
                    WriteHung(writer, watched, hung: true);
                }
            }
        }
    }

    public void Dispose()
    {
        _mountInfo.Dispose();
        _thread?.Dispose();
    }

    private Questions Ask(IReadOnlyList<Watched> watched)
    {
        var questions = new Questions(watched, _read, time);
        if (watched.Count > 0)
        {
            _thread ??= new ProbeThread("statvfs");
            questions.Done = _thread.RunAsync(questions.Work);
        }

        return questions;
    }

    /// <summary>Waits for the answers.</summary>
    /// <returns>What is still to be asked: on another thread, since one of them hangs. Null if there is nothing.</returns>
    private async Task<Questions?> FollowAsync(Questions questions, CancellationToken cancellationToken)
    {
        try
        {
            while (!questions.Done.IsCompleted)
            {
                var rest = AnswerTimeout - questions.SinceProgress;
                if (rest <= TimeSpan.Zero)
                {
                    return WalkAway(questions) is { Count: > 0 } others ? Ask(others) : null;
                }

                await Task.WhenAny(questions.Done.WaitAsync(rest, time, cancellationToken));
                if (!questions.Done.IsCompleted && cancellationToken.IsCancellationRequested)
                {
                    // The collector's own time is up: not known yet whether this one hangs, but nothing may queue up behind it.
                    WalkAway(questions);
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }

            await questions.Done;
            return null;
        }
        finally
        {
            questions.CopyTo(_answers);
        }
    }

    /// <returns>Those behind the one that was being asked.</returns>
    private IReadOnlyList<Watched> WalkAway(Questions questions)
    {
        var left = questions.Abandon();
        if (left.Count == 0)
        {
            return [];
        }

        _unanswered[left[0].Mount.Id] = questions.Done;
        _thread?.Dispose();
        _thread = null;
        return [.. left.Skip(1)];
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
                .Select(m => new Watched(m, Encoding.UTF8.GetBytes(m.Type))),
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
        writer.Add("fleet_filesystem_hung", MetricKind.Gauge, hung ? 1 : 0, "mount", watched.Mount.Point, "device", watched.Mount.Source,
            "type", watched.Type);

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

    private sealed record Watched(Mount Mount, byte[] Type);

    /// <summary>Asked one after the other on a probe's thread, followed from another.</summary>
    private sealed class Questions(IReadOnlyList<Watched> watched, Func<byte[], FileSystemUsage> read, TimeProvider time)
    {
        private readonly FileSystemUsage[] _usages = new FileSystemUsage[watched.Count];
        private long _progressAt = time.GetTimestamp();
        private int _answered;
        private volatile bool _abandoned;

        public Task Done { get; set; } = Task.CompletedTask;

        public TimeSpan SinceProgress => time.GetElapsedTime(Interlocked.Read(ref _progressAt));

        public void Work()
        {
            while (_answered < watched.Count && !_abandoned)
            {
                _usages[_answered] = read(watched[_answered].Mount.Point);
                Interlocked.Exchange(ref _progressAt, time.GetTimestamp());
                Volatile.Write(ref _answered, _answered + 1);
            }
        }

        public void CopyTo(Dictionary<int, FileSystemUsage> answers)
        {
            for (var i = 0; i < Volatile.Read(ref _answered); i++)
            {
                answers[watched[i].Mount.Id] = _usages[i];
            }
        }

        /// <summary>The thread asks nothing more after the question that it is at.</summary>
        /// <returns>Those without an answer, first the one that it is at.</returns>
        public IReadOnlyList<Watched> Abandon()
        {
            _abandoned = true;
            return [.. watched.Skip(Volatile.Read(ref _answered))];
        }
    }
}
