using System.Globalization;
using System.Text;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Inventory;

/// <summary>
/// A host whose ZFS knows snapshots_changed and answers what an inventory asks, and whose LVM is what was recorded. That the answers are
/// those of real releases: ZfsListParserTests, ZfsInventoryTests.
/// </summary>
internal sealed class PretendHost : IToolRunner
{
    public const string Run = "1846a328cf9540b68137b0507d35680c";
    public const string HostId = "7f0c6b3e-0000-4000-8000-000000000001";
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private readonly RecordedTools _lvm;
    private int _next = 100;

    public PretendHost(string volumes = "lvs-snapshots") =>
        _lvm = new RecordedTools([
            new Recording("lvm2-2.03.16", volumes, Recording.OfLvm),
            new Recording("lvm2-2.03.16", "vgs", Recording.OfLvm),
        ]);

    /// <summary>By dataset: when its snapshots last changed, and lines of zfs list.</summary>
    public Dictionary<string, (long Changed, List<string> Snapshots)> Datasets { get; } = [];

    public List<string> Pools { get; } = [];

    public string Health { get; set; } = "ONLINE";

    public bool HasLvm { get; set; }

    public List<string> Asked { get; } = [];

    public void Add(string dataset, string name, string policy = "nightly", string? run = Run)
    {
        var (changed, snapshots) = Datasets.TryGetValue(dataset, out var known) ? known : (1_000, []);
        _next++;
        snapshots.Add(
            string.Create(
                Invariant,
                $"{dataset}@{name}\t{_next}\t{_next}\t1795651791\t10\t24576\t0\t{policy}\t{run ?? "-"}\t{(run is null ? "-" : HostId)}"));
        Datasets[dataset] = (changed + 1, snapshots);
    }

    public void Remove(string dataset, string name)
    {
        var (changed, snapshots) = Datasets[dataset];
        Assert.Equal(1, snapshots.RemoveAll(s => s.StartsWith($"{dataset}@{name}\t", StringComparison.Ordinal)));
        Datasets[dataset] = (changed + 1, snapshots);
    }

    /// <summary>As ZFS does, without a change of snapshots_changed.</summary>
    public void Hold(string dataset, string name)
    {
        var snapshots = Datasets[dataset].Snapshots;
        var index = snapshots.FindIndex(s => s.StartsWith($"{dataset}@{name}\t", StringComparison.Ordinal));
        snapshots[index] = snapshots[index].Replace("\t24576\t0\t", "\t24576\t1\t", StringComparison.Ordinal);
    }

    public string? Find(string tool) => tool is "lvs" or "vgs" && !HasLvm ? null : $"/usr/sbin/{tool}";

    public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        if (request.Program is "lvs" or "vgs")
        {
            return _lvm.RunAsync(request, output, cancellationToken);
        }

        string[] words = [request.Program, .. request.Arguments.Select(a => a.ToString())];
        lock (Asked)
        {
            Asked.Add(string.Join(' ', words));
        }

        var lines = words switch
        {
            ["zpool", "list", ..] => Pools.Select(p => $"{p}\t7\t503316480\t17305600\t486010880\t0\t0\t3\t{Health}\toff"),
            ["zpool", "status", .., var pool] => [$"  pool: {pool}", $" state: {Health}", "config:", "", "\tNAME  STATE READ WRITE CKSUM", $"\t{pool}  {Health} 0 0 2", "", "errors: No known data errors"],
            ["zfs", "list", "-H", "-p", "-t", "filesystem,volume", .., var pool] => Datasets.Where(d => ZfsNames.IsWithin(d.Key, pool)).Select(d =>
                string.Create(Invariant, $"{d.Key}\t9\tfilesystem\t12716032\t213613568\t4234240\t1048576\t0\toff\t-\t-\tyes\ton\t-\t4096\t{d.Value.Changed}\t-\t-\t/{d.Key}").Replace("\t9\t", $"\t{Id(d.Key)}\t", StringComparison.Ordinal)),
            ["zfs", "list", "-H", "-p", "-t", "snapshot", "-s", "createtxg", "-o", _, "-d", "1", .. var datasets] => datasets.SelectMany(d => Datasets[d].Snapshots),
            _ => throw new InvalidOperationException($"not known: {string.Join(' ', words)}"),
        };
        foreach (var line in lines)
        {
            output.OnLine(LogStream.Stdout, Encoding.UTF8.GetBytes(line), LineEnd.NewLine, false);
        }

        return Task.FromResult(new ToolResult { Name = request.Program, End = ToolEnd.Exited, ExitCode = 0 });
    }

    // The same in every process: a guid is a dataset's identity.
    private static string Id(string dataset) => dataset.Aggregate(17UL, (h, c) => (h * 31) + c).ToString(Invariant);
}
