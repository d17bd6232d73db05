using Fleet.Agent.Actions.Zfs;
using Fleet.Agent.Guard;
using Fleet.Agent.Metrics;
using Fleet.Agent.Retention;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>One host on which zfs.prune runs: its clock, its guard file's rules and the policies that it was assigned.</summary>
internal sealed class PruneBench : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PruneBench()
    {
        Directory.CreateDirectory(_folder.File("sys/kernel/random"));
        _folder.Write("sys/kernel/random/boot_id", "boot\n");
        BootSeconds = 1000;
        Action = new ZfsPruneRun(
            new RetentionClock(new ClockMemoryFile(_folder.File("clock.json")), new HostPaths(ProcRoot: _folder.Path), Clock, () => IsSynchronised), () => Assignment);
    }

    public FakeTimeProvider Clock { get; } = new(TestRun.Instant);

    public bool IsSynchronised { get; set; } = true;

    public double BootSeconds
    {
        set => _folder.Write("uptime", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value:0.00} 0.00\n"));
    }

    public Assignment Assignment { get; } = new();

    public ZfsPruneRun Action { get; }

    public List<StorageRule> Rules { get; } = [new("tank", ["snapshot", "prune"], 1, TimeSpan.Zero, "guard.yaml:1: zfs: tank")];

    public static ZfsPruneAction Prune(string snapshotsOf = "nightly", params string[] datasets)
    {
        var action = new ZfsPruneAction
        {
            SnapshotsOf = snapshotsOf,
            Recursive = true,
            Retention = new Protocol.V1.Retention { Keep = new KeepRules { Last = 2 }, Budget = new RetentionBudget { MostPercent = 100, MostCount = 1_000_000 } },
        };
        action.Datasets.Add(datasets.Length > 0 ? datasets : ["tank"]);
        return action;
    }

    public Task<ActionResult> RunAsync(IToolRunner tools, Action<ZfsPruneAction>? change = null, string policy = "thin", CancellationToken cancellationToken = default)
    {
        var action = Prune();
        change?.Invoke(action);
        var context = TestRun.For(new Protocol.V1.Action { ZfsPrune = action }, tools: tools) with
        {
            Policy = policy,
            Guard = new GuardDecision { Allowed = true, Rule = "test", Message = "", Storage = new StorageRules("guard.yaml", "zfs", Rules) },
        };
        return Action.RunAsync(context, cancellationToken);
    }

    public void Dispose() => _folder.Dispose();
}
