using Fleet.Agent.Guard;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>What holds of every pool, whatever a policy asks.</summary>
public sealed class ZfsPruneAnyPoolTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Run_AnyPool_TouchesNothingThatMustStay(int seed)
    {
        var random = new Random(seed);
        using var fixture = new PruneFixture();
        var pool = Draw(random);
        var guard = new StorageRule("tank", ["prune"], random.Next(1, 4), TimeSpan.FromHours(random.Next(0, 30)), "rule");
        fixture.Rules[0] = guard;
        var before = pool.All;
        var last = random.Next(1, 5);
        var action = PruneFixture.Prune();
        action.Retention.Keep.Last = last;

        var result = await fixture.RunAsync(pool, a => a.Retention = action.Retention);

        Assert.NotEqual(ActionOutcome.Failed, result.Outcome);
        var gone = before.Where(s => !pool.Names.Contains(s.FullName)).ToList();
        Assert.All(gone, s => Assert.True(s is { Policy: "nightly" or "nightly,archive", Holds: 0, IsInherited: false }, $"{s}"));
        Assert.All(gone, s => Assert.False(pool.Clones.ContainsKey(s.FullName), $"{s}"));
        Assert.All(gone, s => Assert.True(TestRun.Instant - s.At >= guard.YoungestAge, $"{s}"));
        Assert.DoesNotContain(gone, s => s.Policy == "nightly,archive");
        foreach (var dataset in before.GroupBy(s => s.Dataset))
        {
            var own = dataset
                .Where(s => ZfsOwners.Of(s.Policy).Contains("nightly"))
                .OrderByDescending(s => s.At)
                .ThenByDescending(s => s.Group)
                .ToList();
            Assert.All(own.Where(s => s.Holds == 0).Take(Math.Max(last, guard.KeepNewest)), s => Assert.DoesNotContain(s, gone));
            if (own.Count > 0)
            {
                Assert.DoesNotContain(own.MaxBy(s => s.Group), gone);
            }
        }

        Assert.Equal(gone.Count, result.ZfsPrune.DestroyedTotal);
        var again = await fixture.RunAsync(pool, a => a.Retention = action.Retention);
        Assert.Equal(0, again.ZfsPrune.DestroyedTotal);
    }

    private static PretendPool Draw(Random random)
    {
        var pool = new PretendPool { Datasets = { ["tank"] = null } };
        foreach (var dataset in new[] { "tank/a", "tank/b/c", "tank/d e" })
        {
            var at = TestRun.Instant.AddDays(-10);
            for (var i = random.Next(0, 25); i > 0; i--)
            {
                at += TimeSpan.FromMinutes(random.Next(-30, 400));
                var policy = random.Next(8) switch { 0 => null, 1 => "other", 2 => "nightly,archive", 3 => "Not a policy", _ => "nightly" };
                var made = pool.Add(
                    dataset,
                    $"s{i}",
                    at > TestRun.Instant ? TestRun.Instant : at,
                    policy,
                    random.Next(6) == 0 ? 1 : 0,
                    random.Next(5) == 0,
                    inherited: random.Next(9) == 0);
                if (random.Next(7) == 0)
                {
                    pool.Clones[made.FullName] = $"tank/clone{pool.Clones.Count}";
                }
            }
        }

        return pool;
    }
}
