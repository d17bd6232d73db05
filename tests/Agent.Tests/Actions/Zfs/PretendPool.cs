using System.Globalization;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>
/// A pool in memory that answers what zfs.prune asks as the recorded releases do, destroying included: what no recording can show is
/// a pool that changes between two questions. That the answers are those of a real pool: RealPoolPruneTests.
/// </summary>
internal sealed class PretendPool : IToolRunner
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private readonly List<Snapshot> _snapshots = [];
    private ulong _nextGuid = 1000;
    private long _nextGroup = 100;

    public const string Run = "1846a328cf9540b68137b0507d35680c";

    /// <summary>Name, and what the dataset itself carries as fleet:policy.</summary>
    public Dictionary<string, string?> Datasets { get; } = [];

    /// <summary>Full name of a snapshot to the name of its clone.</summary>
    public Dictionary<string, string> Clones { get; } = [];

    public List<string> Asked { get; } = [];

    public IReadOnlyList<Snapshot> All => [.. _snapshots];

    public IReadOnlyList<string> Names => [.. _snapshots.Select(s => s.FullName)];

    /// <summary>By dataset: what snapshots_changed says, in seconds since 1970. Null: a release that does not know it.</summary>
    public Dictionary<string, long>? Changed { get; set; }

    public bool FolderIsUnreadable { get; set; }

    /// <summary>Called with each command line before it is answered.</summary>
    public Action<string>? OnAsked { get; set; }

    /// <summary>The instant of the snapshot that <see cref="Hourly"/> numbers so.</summary>
    public static DateTimeOffset At(int hour) => TestRun.Instant.AddMinutes(-100_000 + (hour * 60));

    /// <summary>Snapshots s0, s1, ... an hour apart, made by the policy nightly.</summary>
    public void Hourly(string dataset, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Add(dataset, $"s{i}", At(i));
        }
    }

    public string? Find(string tool) => $"/usr/sbin/{tool}";

    /// <param name="policy">Null: somebody else's.</param>
    public Snapshot Add(
        string dataset,
        string name,
        DateTimeOffset at,
        string? policy = "nightly",
        int holds = 0,
        bool sameGroup = false,
        bool inherited = false)
    {
        Datasets.TryAdd(dataset, null);
        var snapshot = new Snapshot(dataset, name, _nextGuid++, sameGroup ? _nextGroup : ++_nextGroup, at, holds, policy, inherited);
        _snapshots.Add(snapshot);
        return snapshot;
    }

    public void Remove(string fullName) => _snapshots.RemoveAll(s => s.FullName == fullName);

    public void Hold(string fullName)
    {
        var index = _snapshots.FindIndex(s => s.FullName == fullName);
        _snapshots[index] = _snapshots[index] with { Holds = 1 };
    }

    public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        Assert.Equal(request.Program, request.Arguments[0].ToString().StartsWith('/') ? "find" : "zfs");
        string[] words = [.. request.Arguments.Select(a => a.ToString())];
        var line = string.Join(' ', words);
        OnAsked?.Invoke(line);
        Asked.Add(line);
        var exit = words switch
        {
            ["list", "-H", "-p", "-t", "filesystem,volume", "-o", "name,guid,written", .. var rest] => Targets(output, rest),
            ["list", "-H", "-p", "-t", "filesystem,volume", "-o", "name,guid,origin,snapshots_changed", .. var datasets] => Marks(
                output,
                datasets),
            ["list", "-H", "-p", "-t", "filesystem,volume", "-o", "name,origin,fleet:policy,fleet:run", "-r", var pool] => Origins(
                output,
                pool),
            ["list", "-H", "-p", "-t", "snapshot", "-s", "createtxg", "-o", "name,guid,createtxg", "-d", "1", .. var datasets] => Ids(
                output,
                datasets),
            ["list", "-H", "-p", "-t", "snapshot", "-s", "createtxg", "-o", _, "-d", "1", .. var datasets] => List(
                output,
                _snapshots.Where(s => datasets.Contains(s.Dataset))),
            ["list", "-H", "-p", "-t", "snapshot", "-o", _, .. var snapshots] => List(
                output,
                _snapshots.Where(s => snapshots.Contains(s.FullName))),
            [.. var folders, "-mindepth", "1", "-maxdepth", "1", "-printf", "%f\\t%H\\n"] => InFolders(output, folders),
            ["snapshot", .. var rest] => Make(rest),
            ["get", "-H", "-p", "-o", "name,property,value,source", _, .. var snapshots] => Get(output, snapshots),
            ["destroy", "-p", "-v", var what] => Destroy(output, what),
            _ => throw new InvalidOperationException($"not known: {line}"),
        };
        return Task.FromResult(new ToolResult { Name = request.Program, End = ToolEnd.Exited, ExitCode = exit });
    }

    private int Targets(IToolOutput output, string[] rest)
    {
        var root = rest[^1];
        foreach (
            var dataset in Datasets.Keys.Where(d => rest[0] == "-r" ? ZfsNames.IsWithin(d, root) : d == root).Order(StringComparer.Ordinal))
        {
            Line(output, $"{dataset}\t7\t0");
        }

        return Datasets.ContainsKey(root) ? 0 : Error(output, $"cannot open '{root}': dataset does not exist");
    }

    private int Marks(IToolOutput output, string[] datasets)
    {
        if (Changed is null)
        {
            return Error(output, "bad property list: invalid property 'snapshots_changed'");
        }

        foreach (var dataset in datasets)
        {
            // The guid is made of the name: each dataset has its own.
            var guid = 1 + (uint)string.GetHashCode(dataset, StringComparison.Ordinal);
            Line(output, string.Create(Invariant, $"{dataset}\t{guid}\t-\t{(Changed.TryGetValue(dataset, out var at) ? at : "-")}"));
        }

        return 0;
    }

    private int Origins(IToolOutput output, string pool)
    {
        foreach (var (dataset, policy) in Datasets.Where(d => ZfsNames.IsWithin(d.Key, pool)))
        {
            Line(output, $"{dataset}\t-\t{policy ?? "-"}\t-");
        }

        foreach (var (origin, clone) in Clones)
        {
            Line(output, $"{clone}\t{origin}\t-\t-");
        }

        return 0;
    }

    private int Ids(IToolOutput output, string[] datasets)
    {
        foreach (var s in _snapshots.Where(s => datasets.Contains(s.Dataset)).OrderBy(s => s.Group))
        {
            Line(output, string.Create(Invariant, $"{s.FullName}\t{s.Guid}\t{s.Group}"));
        }

        return 0;
    }

    /// <summary>Each dataset is mounted on its own name.</summary>
    private int InFolders(IToolOutput output, string[] folders)
    {
        foreach (var s in _snapshots.Where(s => folders.Contains($"/{s.Dataset}/.zfs/snapshot")))
        {
            Line(output, $"{s.Name}\t/{s.Dataset}/.zfs/snapshot");
        }

        return FolderIsUnreadable ? Error(output, "find: '/tank/a/.zfs/snapshot': Permission denied") : 0;
    }

    private static int List(IToolOutput output, IEnumerable<Snapshot> snapshots)
    {
        foreach (var s in snapshots.OrderBy(s => s.Group))
        {
            Line(output, string.Create(
                Invariant, $"{s.FullName}\t{s.Guid}\t{s.Group}\t{s.At.ToUnixTimeSeconds()}\t0\t24576\t{s.Holds}\t{s.Policy ?? "-"}\t{s.RunId ?? "-"}\t-"));
        }

        return 0;
    }

    private int Make(string[] rest)
    {
        Dictionary<string, string> properties = [];
        foreach (var word in rest.Where(w => w.Contains('=', StringComparison.Ordinal)))
        {
            var parts = word.Split('=', 2);
            properties[parts[0]] = parts[1];
        }

        _nextGroup++;
        foreach (var name in rest.Where(w => w.Contains('@', StringComparison.Ordinal)))
        {
            var parts = name.Split('@');
            var made = Add(parts[0], parts[1], TestRun.Instant, properties.GetValueOrDefault("fleet:policy"), sameGroup: true);
            _snapshots[^1] = made with { RunId = properties.GetValueOrDefault("fleet:run") };
        }

        return 0;
    }

    private int Get(IToolOutput output, string[] names)
    {
        var exit = 0;
        foreach (var name in names)
        {
            if (_snapshots.Find(s => s.FullName == name) is not { } s)
            {
                exit = Error(output, $"cannot open '{name}': dataset does not exist");
                continue;
            }

            var source = s.Policy is null ? "-" : s.IsInherited ? $"inherited from {s.Dataset}" : "local";
            Line(output, string.Create(Invariant, $"{name}\tguid\t{s.Guid}\t-"));
            Line(output, string.Create(Invariant, $"{name}\tuserrefs\t{s.Holds}\t-"));
            Line(output, $"{name}\tfleet:policy\t{s.Policy ?? "-"}\t{source}");
            Line(output, $"{name}\tfleet:run\t{s.RunId ?? "-"}\t{source}");
        }

        return exit;
    }

    private int Destroy(IToolOutput output, string what)
    {
        var at = what.IndexOf('@', StringComparison.Ordinal);
        var dataset = what[..at];
        string[] names = what[(at + 1)..].Split(',');
        var doomed = _snapshots.Where(s => s.Dataset == dataset && names.Contains(s.Name)).OrderBy(s => s.Group).ToList();
        doomed.ForEach(s => Line(output, $"destroy\t{s.FullName}"));
        if (doomed.Count == 0)
        {
            return Error(output, "could not find any snapshots to destroy; check snapshot names.");
        }

        if (doomed.Find(s => Clones.ContainsKey(s.FullName)) is { } cloned)
        {
            return Error(output, $"cannot destroy '{cloned.FullName}': snapshot has dependent clones");
        }

        Line(output, "reclaim\t0");

        if (doomed.Find(s => s.Holds > 0) is { } held)
        {
            return Error(output, $"cannot destroy snapshot {held.FullName}: dataset is busy");
        }

        _snapshots.RemoveAll(doomed.Contains);
        return 0;
    }

    private static void Line(IToolOutput output, string line) =>
        output.OnLine(LogStream.Stdout, System.Text.Encoding.UTF8.GetBytes(line), LineEnd.NewLine, false);

    private static int Error(IToolOutput output, string line)
    {
        output.OnLine(LogStream.Stderr, System.Text.Encoding.UTF8.GetBytes(line), LineEnd.NewLine, false);
        return 1;
    }

    internal sealed record Snapshot(
        string Dataset, string Name, ulong Guid, long Group, DateTimeOffset At, int Holds, string? Policy, bool IsInherited)
    {
        public string? RunId { get; init; } = Policy is null ? null : Run;

        public string FullName => $"{Dataset}@{Name}";
    }
}
