using Fleet.Agent.Actions.Zfs.Replication;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs.Replication;

/// <summary>Which streams a copy needs, and when none may be sent.</summary>
public sealed class ReplicaPlanTests
{
    private const string Ours = "nightly";

    [Fact]
    public void Plan_NoTarget_SendsTheOldestWholeAndTheRestTogether()
    {
        var plan = Plan([Snapshot(1), Snapshot(2), Snapshot(3)]);

        Assert.Equal(["- > s1", "tank/a@s1 > s2 s3"], Steps(plan));
        Assert.Equal([false, true], plan.Steps.Select(s => s.WithIntermediates));
        Assert.Equal("s1", plan.FirstLacking!.Name);
    }

    [Fact]
    public void Plan_TargetHasSome_SendsWhatIsNewer()
    {
        var plan = Plan([Snapshot(1), Snapshot(2), Snapshot(3)], copies: [Snapshot(1)]);

        Assert.Equal((ZfsReplicaState.Behind, "tank/a@s1"), (plan.State, plan.Base!.Name));
        Assert.Equal(["tank/a@s1 > s2 s3"], Steps(plan));
    }

    [Fact]
    public void Plan_ForeignOnesInBetween_AreSentPast()
    {
        var plan = Plan([Snapshot(1), Snapshot(2, null), Snapshot(3), Snapshot(4), Snapshot(5, null), Snapshot(6)], copies: [Snapshot(1)]);

        Assert.Equal(["tank/a@s1 > s3", "tank/a@s3 > s4", "tank/a@s4 > s6"], Steps(plan));
        Assert.DoesNotContain(plan.Steps, s => s.WithIntermediates);
    }

    [Fact]
    public void Plan_CommonSnapshotIsGone_StartsAtItsBookmarkWithOneAlone()
    {
        var plan = Plan([Snapshot(2), Snapshot(3), Snapshot(4)], bookmarks: [Bookmark(1)], copies: [Snapshot(1)]);

        Assert.Equal(["tank/a#b1 > s2", "tank/a@s2 > s3 s4"], Steps(plan));
        Assert.Null(plan.Base!.Snapshot);
    }

    [Fact]
    public void Plan_TargetIsRenamed_MatchesByGuidAlone()
    {
        var plan = Plan([Snapshot(1), Snapshot(2)], copies: [Snapshot(1) with { Name = "s2", Creation = DateTimeOffset.UnixEpoch }]);

        Assert.Equal(["tank/a@s1 > s2"], Steps(plan));
    }

    [Fact]
    public void Plan_SameNameAnotherGuid_IsNotInCommon()
    {
        var plan = Plan([Snapshot(1), Snapshot(2)], copies: [Snapshot(1) with { Guid = new ZfsGuid(99) }]);

        Assert.Equal((ZfsReplicaState.Diverged, 0), (plan.State, plan.Steps.Count));
        Assert.Contains("none in common", plan.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_TargetHasANewerOneOfItsOwn_IsDivergedAndNamesBothEnds()
    {
        var plan = Plan([Snapshot(1), Snapshot(2)], copies: [Snapshot(1), Snapshot(7, null)]);

        Assert.Equal((ZfsReplicaState.Diverged, 0, "tank/a@s1"), (plan.State, plan.Steps.Count, plan.Base!.Name));
        Assert.Contains("tank/copy@s7", plan.Problem, StringComparison.Ordinal);
        Assert.Contains("tank/a@s2", plan.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_TargetWithoutSnapshots_IsNoCopy() =>
        Assert.Equal(ZfsReplicaState.Diverged, Plan([Snapshot(1)], copies: [], exists: true).State);

    [Fact]
    public void Plan_OnlyForeignOnesAreNewer_IsCurrent() =>
        Assert.Equal(ZfsReplicaState.Current, Plan([Snapshot(1), Snapshot(2, null)], copies: [Snapshot(1)]).State);

    [Fact]
    public void Plan_TargetIsAheadOfWhatIsWanted_IsCurrent() =>
        Assert.Equal(ZfsReplicaState.Current, Plan([Snapshot(1), Snapshot(2, null)], copies: [Snapshot(1), Snapshot(2, null)]).State);

    [Fact]
    public void Plan_NothingOfThatPolicy_HasNothingToCopy() =>
        Assert.Equal(ZfsReplicaState.NothingToCopy, Plan([Snapshot(1, "other"), Snapshot(2, null)]).State);

    [Fact]
    public void Plan_CopiesWithoutMarks_AreNamedWithTheirOriginals()
    {
        var plan = Plan([Snapshot(1), Snapshot(2), Snapshot(3, null)], copies: [Snapshot(1, null), Snapshot(2), Snapshot(3, null)]);

        Assert.Equal(("tank/copy@s1", "tank/a@s1"), (Assert.Single(plan.Unmarked).Copy, plan.Unmarked[0].Original.FullName));
    }

    [Fact]
    public void Plan_AnyStock_SendsExactlyWhatIsWantedInOrder()
    {
        var random = new Random(20261126);
        for (var i = 0; i < 2_000; i++)
        {
            List<ZfsSnapshot> all =
            [
                .. Enumerable.Range(1, random.Next(1, 12)).Select(n => Snapshot(n, random.Next(3) == 0 ? null : Ours)),
            ];
            var had = random.Next(0, all.Count + 1);
            var plan = Plan(all, copies: had == 0 ? null : [all[had - 1]]);

            var wanted = all.Skip(had).Where(s => s.Policy == Ours).Select(s => s.Name).ToList();
            Assert.Equal(wanted, plan.Steps.SelectMany(s => s.Arriving).Select(s => s.Name));
            var from = had == 0 ? null : all[had - 1].FullName;
            foreach (var step in plan.Steps)
            {
                Assert.Equal(from, step.From);
                Assert.Equal(step.To, step.Arriving[^1]);

                // With -I everything in between goes along.
                var first = from is null ? 0 : all.FindIndex(s => s.FullName == from) + 1;
                Assert.True(!step.WithIntermediates || all[first..(all.IndexOf(step.To) + 1)].SequenceEqual(step.Arriving));
                from = step.To.FullName;
            }
        }
    }

    private static ReplicaPlan Plan(
        IReadOnlyList<ZfsSnapshot> all,
        IReadOnlyList<ZfsBookmark>? bookmarks = null,
        IReadOnlyList<ZfsSnapshot>? copies = null,
        bool? exists = null
    ) =>
        ReplicaPlan.Create(
            "tank/a",
            "tank/copy",
            all,
            s => s.Policy == Ours,
            bookmarks ?? [],
            exists ?? copies is not null,
            [.. (copies ?? []).Select(c => c with { Dataset = "tank/copy" })]);

    private static IEnumerable<string> Steps(ReplicaPlan plan) =>
        plan.Steps.Select(s => $"{s.From ?? "-"} > {string.Join(' ', s.Arriving.Select(a => a.Name))}");

    private static ZfsBookmark Bookmark(int number) =>
        new("tank/a", $"b{number}", new ZfsGuid((ulong)number), number * 10, DateTimeOffset.UnixEpoch);

    private static ZfsSnapshot Snapshot(int number, string? policy = Ours) => new()
    {
        Dataset = "tank/a",
        Name = $"s{number}",
        Guid = new ZfsGuid((ulong)number),
        CreateTransactionGroup = number * 10,
        Creation = TestRun.Instant.AddHours(number),
        UsedBytes = 0,
        ReferencedBytes = 0,
        Holds = 0,
        Policy = policy,
        RunId = policy is null ? null : PretendPool.Run,
        HostId = null,
    };
}
