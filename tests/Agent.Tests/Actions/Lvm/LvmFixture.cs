using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Guard;
using Fleet.Agent.Lvm;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>One host with a group in memory: its clock, its guard file's rules and the policies that it was assigned.</summary>
internal sealed class LvmFixture : IDisposable
{
    public PruneHost Host { get; } = new();

    public PretendGroup Group { get; } = new();

    public List<StorageRule> Rules { get; } = [new("vg", ["snapshot", "prune"], 1, TimeSpan.Zero, "guard.yaml:1: lvm: vg")];

    public List<string> Made => [.. Group.Asked.Where(a => a.StartsWith("lvcreate", StringComparison.Ordinal))];

    public List<string> Removed => [.. Group.Asked.Where(a => a.StartsWith("lvremove", StringComparison.Ordinal))];

    /// <summary>A prune action that keeps the newest two of vg/vol.</summary>
    public static LvmPruneAction Prune() =>
        new()
        {
            Volumes = { "vg/vol" },
            SnapshotsOf = "nightly",
            Retention = new Protocol.V1.Retention
            {
                Keep = new KeepRules { Last = 2 },
                Budget = new RetentionBudget { MostPercent = 100, MostCount = 1_000_000 },
            },
        };

    public Task<ActionResult> SnapshotAsync(
        Action<LvmSnapshotAction>? change = null,
        string runId = PretendGroup.Run,
        int attempt = 1,
        string policy = "nightly",
        CancellationToken cancellationToken = default)
    {
        var action = new LvmSnapshotAction { Volumes = { "vg/vol" }, ClassicSizeBytes = 50_331_648 };
        change?.Invoke(action);
        var context = TestRun.For(new Protocol.V1.Action { LvmSnapshot = action }, runId: runId, attempt: attempt, tools: Group);
        return new LvmSnapshotRun().RunAsync(
            context with
            {
                Policy = policy,
                Guard = context.Guard with { Storage = new StorageRules("guard.yaml", "lvm", Rules) },
            },
            cancellationToken);
    }

    public Task<ActionResult> PruneAsync(Action<LvmPruneAction>? change = null, CancellationToken cancellationToken = default)
    {
        var action = Prune();
        change?.Invoke(action);
        var context = TestRun.For(new Protocol.V1.Action { LvmPrune = action }, tools: Group);
        return new LvmPruneRun(Host.RetentionClock, () => Assigned.Of(Host.Assignment)).RunAsync(
            context with
            {
                Policy = "thin",
                Guard = context.Guard with { Storage = new StorageRules("guard.yaml", "lvm", Rules) },
            },
            cancellationToken);
    }

    public TemporaryFolder State { get; } = new();

    public LvmMergeRecords Merges => field ??= new LvmMergeRecords(State.File("merges"));

    /// <summary>What the watch told: code and volume.</summary>
    public List<(string Code, string Message)> Told { get; } = [];

    /// <summary>A restore of vg/s0, by the uuid that it has now.</summary>
    public Task<ActionResult> RestoreAsync(
        Action<LvmRestoreAction>? change = null, string runId = PretendGroup.Run, CancellationToken cancellationToken = default)
    {
        var action = new LvmRestoreAction { Snapshot = "vg/s0", Uuid = Group.All.FirstOrDefault(v => v.Name == "s0")?.Uuid ?? "uuid-9999" };
        change?.Invoke(action);
        var context = TestRun.For(new Protocol.V1.Action { LvmRestore = action }, runId: runId, tools: Group);
        return new LvmRestoreRun(Merges).RunAsync(
            context with
            {
                Policy = "",
                Guard = context.Guard with { Storage = new StorageRules("guard.yaml", "lvm", Rules) },
            },
            cancellationToken);
    }

    /// <summary>Protects vg/s0, by the uuid that it has now.</summary>
    public Task<ActionResult> ProtectAsync(Action<LvmProtectAction>? change = null, CancellationToken cancellationToken = default)
    {
        var action = new LvmProtectAction { Snapshots = { Ref("s0") } };
        change?.Invoke(action);
        var context = TestRun.For(new Protocol.V1.Action { LvmProtect = action }, tools: Group);
        return new LvmProtectRun().RunAsync(
            context with
            {
                Policy = "",
                Guard = context.Guard with { Storage = new StorageRules("guard.yaml", "lvm", Rules) },
            },
            cancellationToken);
    }

    public LvmSnapshotRef Ref(string name) =>
        new() { Name = $"vg/{name}", Uuid = Group.All.FirstOrDefault(v => v.Name == name)?.Uuid ?? "uuid-9999" };

    /// <summary>As the agent does every few minutes; a new one does after a restart.</summary>
    public Task WatchAsync(LvmMergeRecords? records = null) =>
        new LvmMergeWatch(records ?? Merges, new LvmQuery(Group, Host.Clock, [], static most => most), (code, message, _) =>
            Told.Add((code, message))
        ).CheckAsync(TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Host.Dispose();
        State.Dispose();
    }
}
