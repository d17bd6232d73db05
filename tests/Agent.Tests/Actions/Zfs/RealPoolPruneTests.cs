using System.Globalization;
using Fleet.Agent.Guard;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>Pruning on a real pool, with everything that must not go beside what must.</summary>
public sealed class RealPoolPruneTests : IDisposable
{
    private readonly RealPool _pool = new();
    private readonly PruneFixture _fixture = new();

    public RealPoolPruneTests()
    {
        _fixture.Rules[0] = new StorageRule(_pool.Name, ["prune"], 1, TimeSpan.Zero, "guard.yaml:1: zfs");
        _fixture.Clock.Advance(TimeProvider.System.GetUtcNow().AddMinutes(1) - TestRun.Instant);
        RealPool.Shell($"zfs create {_pool.Name}/data && zfs create '{_pool.Name}/data/a b'");
    }

    public void Dispose()
    {
        _fixture.Dispose();
        _pool.Dispose();
    }

    [Fact]
    public async Task Prune_WithForeignHeldAndClonedOnes_TakesOnlyItsOwn()
    {
        Make("data", 12);
        Make("data/a b", 5);
        RealPool.Shell($"zfs snapshot {_pool.Name}/data@by-hand");
        RealPool.Shell($"zfs snapshot -o fleet:policy=other -o fleet:run=1846a328cf9540b68137b0507d35680c {_pool.Name}/data@of-another");
        Make("data", 3, from: 12);
        RealPool.Shell($"zfs hold keep {_pool.Name}/data@s3 && zfs clone {_pool.Name}/data@s6 {_pool.Name}/clone && zfs bookmark {_pool.Name}/data@s1 {_pool.Name}/data#s1");

        var plan = await RunAsync(a => a.DryRun = true);
        var result = await RunAsync();

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Equal(["s3", "s6", "by-hand", "of-another", "s13", "s14"], Left("data"));
        Assert.Equal(["s3", "s4"], Left("data/a b"));
        Assert.Equal(
            plan.ZfsPrune.Decisions.Where(d => d.Destroy).Select(d => d.Name).Order(StringComparer.Ordinal),
            result.ZfsPrune.Destroyed.Select(d => d.Name).Order(StringComparer.Ordinal));
        Assert.Equal(14, result.ZfsPrune.DestroyedTotal);
        Assert.Equal($"{_pool.Name}/data#s1", RealPool.Shell($"zfs list -H -t bookmark -o name {_pool.Name}/data"));
        Assert.Equal(0, (await RunAsync()).ZfsPrune.DestroyedTotal);
    }

    [Fact]
    public async Task Prune_NameGivenToAnotherBetweenPlanAndDestroying_TheOtherStays()
    {
        Make("data", 6);
        using var meddler = new Meddler("get", () => RealPool.Shell(
            $"zfs destroy {_pool.Name}/data@s1 && zfs snapshot -o fleet:policy=nightly -o fleet:run=1846a328cf9540b68137b0507d35680c {_pool.Name}/data@s1"));

        var result = await RunAsync(meddler: meddler);

        Assert.Equal(["s4", "s5", "s1"], Left("data"));
        Assert.Contains(result.Details, d => d.Contains("another snapshot has taken the name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Prune_GoneBeforeTheCall_TheOthersGo()
    {
        Make("data", 6);
        using var meddler = new Meddler("destroy", () => RealPool.Shell($"zfs destroy {_pool.Name}/data@s3"));

        var result = await RunAsync(meddler: meddler);

        Assert.Equal(["s4", "s5"], Left("data"));
        Assert.Equal((ActionOutcome.SucceededWithWarnings, 3L), (result.Outcome, result.ZfsPrune.DestroyedTotal));
    }

    [Fact]
    public async Task Prune_HeldOrClonedBetweenTheLastQuestionAndDestroying_TheOthersGo()
    {
        Make("data", 8);
        using var meddler = new Meddler("destroy -p", () =>
            RealPool.Shell($"zfs hold late {_pool.Name}/data@s2 && zfs clone {_pool.Name}/data@s4 {_pool.Name}/late"));

        var result = await RunAsync(meddler: meddler);

        Assert.Equal(["s2", "s4", "s6", "s7"], Left("data"));
        Assert.Equal(ActionOutcome.SucceededWithWarnings, result.Outcome);
    }

    [Fact]
    public async Task Prune_DatasetCarriesThePropertyItself_NothingGoes()
    {
        RealPool.Shell($"zfs set fleet:policy=nightly fleet:run=x {_pool.Name}/data");
        RealPool.Shell(
            $"zfs snapshot {_pool.Name}/data@mine1 && zfs snapshot {_pool.Name}/data@mine2 && zfs snapshot {_pool.Name}/data@mine3");

        var result = await RunAsync();

        Assert.Equal(["mine1", "mine2", "mine3"], Left("data"));
        Assert.Equal(ActionOutcome.Failed, result.Outcome);
    }

    [Fact]
    public async Task Prune_OneDatasetBelowIsNotAllowed_NothingGoes()
    {
        Make("data", 6);
        Make("data/a b", 6);
        _fixture.Rules.Add(new StorageRule($"{_pool.Name}/data/a b", ["snapshot"], 1, TimeSpan.Zero, "guard.yaml:2: zfs"));

        var result = await RunAsync();

        Assert.Equal(
            (ActionOutcome.Refused, "guard.yaml:2: zfs", 6, 6),
            (result.Outcome, result.RefusedBy, Left("data").Length, Left("data/a b").Length));
    }

    [Fact]
    public async Task Prune_GuardAsksForMore_ItStays()
    {
        Make("data", 6);
        _fixture.Rules[0] = _fixture.Rules[0] with { KeepNewest = 4 };
        await RunAsync();
        Assert.Equal(4, Left("data").Length);
        _fixture.Rules[0] = _fixture.Rules[0] with { KeepNewest = 1, YoungestAge = TimeSpan.FromHours(1) };

        await RunAsync();

        Assert.Equal(4, Left("data").Length);
    }

    [Fact]
    public async Task Prune_ReceivedCopies_AreKnownByWhatWasSentWithThem()
    {
        RealPool.Shell($"zfs create {_pool.Name}/sent");
        Make("sent", 4);
        RealPool.Shell($"zfs send -R {_pool.Name}/sent@s3 | zfs receive -u {_pool.Name}/copy");

        var result = await RunAsync(a => a.Datasets[0] = $"{_pool.Name}/copy");

        Assert.Equal((ActionOutcome.Succeeded, "s2,s3"), (result.Outcome, string.Join(',', Left("copy"))));
        Assert.Equal(4, Left("sent").Length);
    }

    private void Make(string dataset, int count, int from = 0) => RealPool.Shell(string.Create(
        CultureInfo.InvariantCulture,
        $"for i in $(seq {from} {from + count - 1}); do zfs snapshot -o fleet:policy=nightly -o fleet:run=1846a328cf9540b68137b0507d35680c -o fleet:host=h '{_pool.Name}/{dataset}'@s$i; done"));

    private string[] Left(string dataset) =>
        [
            .. RealPool
                .Shell($"zfs list -H -t snapshot -s createtxg -o name -d 1 '{_pool.Name}/{dataset}'")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(n => n.Split('@')[1]),
        ];

    private Task<ActionResult> RunAsync(Action<ZfsPruneAction>? change = null, Meddler? meddler = null) => _fixture.RunAsync(
        (IToolRunner?)meddler ?? TestRun.Tools,
        a =>
        {
            a.Datasets[0] = _pool.Name;
            change?.Invoke(a);
        });
}
