using Fleet.Agent.Actions.Zfs;
using Fleet.Agent.Zfs;

namespace Fleet.Agent.Tests.Actions.Zfs;

public sealed class ZfsSnapshotPlanTests
{
    private static readonly ZfsTarget[] Found =
    [
        .. new[]
        {
            "tank/vm/b-swap",
            "backup",
            "tank",
            "tank/data",
            "tank/data/scratch",
            "tank/data/scratch/x",
            "tank/data2",
            "tank/vm",
            "tank/vm/a",
        }.Select(Target),
    ];

    [Fact]
    public void Create_TwoPools_AreTwoPlans()
    {
        var plans = ZfsSnapshotPlan.Create(Action(true, ["tank", "backup"]), Found);

        Assert.Equal(["backup", "tank"], plans.Select(p => p.Pool));
        Assert.Equal(["tank"], plans[1].RecursiveRoots);
        Assert.Equal(8, plans[1].Targets.Count);
        Assert.Equal("tank", plans[1].Targets[0].Name);
    }

    [Fact]
    public void Create_Excludes_TakeWhatLiesBelowAlong()
    {
        var plan = Assert.Single(
            ZfsSnapshotPlan.Create(Action(true, ["tank"], "tank/data/scratch", "tank/vm/*-swap"), Found.Where(t => t.Pool == "tank")));

        Assert.Equal(["tank", "tank/data", "tank/data2", "tank/vm", "tank/vm/a"], plan.Targets.Select(t => t.Name));
        Assert.Empty(plan.RecursiveRoots);
    }

    [Fact]
    public void Create_NotRecursive_NamesEachDataset() =>
        Assert.Empty(ZfsSnapshotPlan.Create(Action(false, ["tank"]), [Target("tank")])[0].RecursiveRoots);

    [Fact]
    public void Create_NameBelowAnother_IsOneRoot()
    {
        var plan = ZfsSnapshotPlan.Create(
            Action(true, ["tank/data/scratch", "tank/data", "tank/data2"]),
            [.. Found.Where(t => t.Name.StartsWith("tank/data", StringComparison.Ordinal)), Target("tank/data/scratch")]
        )[0];

        Assert.Equal(["tank/data", "tank/data2"], plan.RecursiveRoots);
        Assert.Equal(4, plan.Targets.Count);
    }

    [Fact]
    public void Create_EverythingExcluded_IsNoPlan() =>
        Assert.Empty(ZfsSnapshotPlan.Create(Action(true, ["tank"], "tank"), Found.Where(t => t.Pool == "tank")));

    [Theory]
    [InlineData("tank/data", "tank/data", true)]
    [InlineData("tank/data/x", "tank/data", true)]
    [InlineData("tank/data2", "tank/data", false)]
    [InlineData("tank", "tank/data", false)]
    [InlineData("tank/a/b", "tank/*", true)]
    [InlineData("tank/a/b", "tank/*/b", true)]
    [InlineData("tank/a/c/b", "tank/*/b", false)]
    [InlineData("tank/abcabd", "tank/*abd", true)]
    [InlineData("tank/abcabd", "tank/a*c*d", true)]
    [InlineData("tank/abcabd", "tank/a*c*e", false)]
    [InlineData("tank/a", "tank/a**", true)]
    [InlineData("tank/a", "*", true)]
    public void IsExcluded_Pattern_StopsAtSlashes(string dataset, string pattern, bool expected) =>
        Assert.Equal(expected, ZfsSelection.IsExcluded(dataset, pattern));

    [Theory]
    [InlineData("tank/a@b")]
    [InlineData("-r")]
    [InlineData("")]
    public void Problem_NoDataset_IsNamed(string dataset) => Assert.NotNull(Action(false, [dataset]).Problem);

    private static ZfsTarget Target(string name) => new(name, new ZfsGuid(1), 0);

    private static ZfsSelection Action(bool recursive, string[] datasets, params string[] excludes) => new(datasets, recursive, excludes);
}
