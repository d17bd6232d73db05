using Fleet.Agent.Actions.Zfs;
using Fleet.Agent.Guard;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs.Listing;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>One host on which zfs.prune runs: its clock, its guard file's rules and the policies that it was assigned.</summary>
internal sealed class PruneFixture : IDisposable
{
    private readonly PruneHost _host = new();

    public PruneFixture() => Action = new ZfsPruneRun(_host.RetentionClock, () => Assigned.Of(Assignment), Known);

    public ZfsSnapshotCache Known { get; } = new();

    public FakeTimeProvider Clock => _host.Clock;

    public bool IsSynchronised { set => _host.IsSynchronised = value; }

    public double BootSeconds { set => _host.BootSeconds = value; }

    public Assignment Assignment => _host.Assignment;

    public ZfsPruneRun Action { get; }

    public List<StorageRule> Rules { get; } = [new("tank", ["snapshot", "prune"], 1, TimeSpan.Zero, "guard.yaml:1: zfs: tank")];

    public static ZfsPruneAction Prune(string snapshotsOf = "nightly", params string[] datasets)
    {
        var action = new ZfsPruneAction
        {
            SnapshotsOf = snapshotsOf,
            Recursive = true,
            Retention = new Protocol.V1.Retention
            {
                Keep = new KeepRules { Last = 2 },
                Budget = new RetentionBudget { MostPercent = 100, MostCount = 1_000_000 },
            },
        };
        action.Datasets.Add(datasets.Length > 0 ? datasets : ["tank"]);
        return action;
    }

    public Task<ActionResult> RunAsync(
        IToolRunner tools,
        Action<ZfsPruneAction>? change = null,
        string policy = "thin",
        CancellationToken cancellationToken = default)
    {
        var action = Prune();
        change?.Invoke(action);
        var context = TestRun.For(new Protocol.V1.Action { ZfsPrune = action }, tools: tools) with
        {
            Policy = policy,
            Guard = new GuardDecision
            {
                Allowed = true,
                Rule = "test",
                Message = "",
                Storage = new StorageRules("guard.yaml", "zfs", Rules),
            },
        };
        return Action.RunAsync(context, cancellationToken);
    }

    public void Dispose() => _host.Dispose();
}
