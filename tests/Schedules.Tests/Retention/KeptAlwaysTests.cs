using Fleet.Schedules.Retention;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention;

/// <summary>What stays whatever the rules say, and what uses up no count.</summary>
public sealed class KeptAlwaysTests
{
    private static readonly KeepRules LastTwo = new() { Last = 2 };

    [Fact]
    public void Plan_ProtectedAndHeldCopies_StayAndUseUpNoCount()
    {
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 6);
        copies[0] = copies[0] with { IsProtected = true };
        copies[1] = copies[1] with { IsHeld = true };
        copies[5] = copies[5] with { IsProtected = true, IsHeld = true };

        var plan = Plan(LastTwo, copies);

        Assert.Equal(["2026-11-22T09:00Z"], Doomed(plan));
        Assert.Equal(["last 1 of 2"], Reasons(plan, "2026-11-22T11:00Z"));
        Assert.Equal(["protected: outside every count", "newest: the newest good one"], Reasons(plan, "2026-11-22T13:00Z"));
        Assert.Equal(["protected: outside every count", "held: outside every count"], Reasons(plan, "2026-11-22T08:00Z"));
    }

    [Fact]
    public void Plan_ReplicationBase_StaysAndIsCounted()
    {
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 4);
        copies[1] = copies[1] with { IsReplicationBase = true };
        copies[3] = copies[3] with { IsReplicationBase = true };

        var plan = Plan(LastTwo, copies);

        Assert.Equal(["2026-11-22T11:00Z"], Doomed(plan));
        Assert.Equal(["replication-base: a replica still needs it", "last 2 of 2"], Reasons(plan, "2026-11-22T12:00Z"));
        Assert.Equal(["replication-base: a replica still needs it"], Reasons(plan, "2026-11-22T10:00Z"));
    }

    [Fact]
    public void Plan_ClonedCopy_StaysAndIsCounted()
    {
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 4);
        copies[1] = copies[1] with { IsCloned = true };
        copies[3] = copies[3] with { IsCloned = true };

        var plan = Plan(LastTwo, copies);

        Assert.Equal(["2026-11-22T11:00Z"], Doomed(plan));
        Assert.Equal(["cloned: a clone depends on it", "last 2 of 2"], Reasons(plan, "2026-11-22T12:00Z"));
    }

    [Fact]
    public void Plan_MadeLastUnderAWrongClock_Stays()
    {
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 5);
        copies[4] = copies[4] with { IsLatest = true };

        var plan = Plan(LastTwo, copies);

        Assert.Equal(["2026-11-22T10:00Z", "2026-11-22T11:00Z"], Doomed(plan));
        Assert.Equal(["newest: the newest good one"], Reasons(plan, "2026-11-22T09:00Z"));
    }

    [Fact]
    public void Plan_IncompleteCopies_UseUpNoCountAndGoOnceThereIsANewerGoodOne()
    {
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 5);
        copies[0] = copies[0] with { IsComplete = false };
        copies[2] = copies[2] with { IsComplete = false };

        var plan = Plan(LastTwo, copies);

        Assert.Equal(["2026-11-22T09:00Z", "2026-11-22T11:00Z"], Doomed(plan));
        Assert.Equal(["incomplete: newer than the newest good one"], Reasons(plan, "2026-11-22T13:00Z"));
        Assert.Equal(["superseded: incomplete, and there is a newer good one"], Reasons(plan, "2026-11-22T11:00Z"));
    }

    [Fact]
    public void Plan_OnlyIncompleteCopies_AllStay()
    {
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 5).Select(static c => c with { IsComplete = false });

        Assert.Empty(Doomed(Plan(LastTwo, copies)));
    }

    [Fact]
    public void Plan_FutureCopiesWithinTheTolerance_StayAndUseUpNoCount()
    {
        var soon = Copy(Now.AddSeconds(2));
        var copies = Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 3);

        var plan = Plan(new KeepRules { Last = 1, Within = TimeSpan.FromMinutes(30) }, [soon, .. copies]);

        Assert.Equal(["2026-11-22T11:00Z", "2026-11-22T12:00Z"], Doomed(plan));
        Assert.Equal(["future: dated in the future, outside every count"], Reasons(plan, soon.Identity));
        Assert.Equal(
            ["newest: the newest good one", "last 1 of 1", "within: 30m of 2026-11-22T13:00:00Z"],
            Reasons(plan, "2026-11-22T13:00Z"));
    }

    [Fact]
    public void Plan_Floor_KeepsTheNewestGoodOnesHoweverOld()
    {
        var copies = Series("2021-05-10T12:00Z", TimeSpan.FromDays(1), 6);
        copies[1] = copies[1] with { IsComplete = false };
        copies[2] = copies[2] with { IsProtected = true };

        var plan = Plan(Policy(new KeepRules { Last = 1 }, floor: 3), copies);

        Assert.Equal(["2021-05-05T12:00Z", "2021-05-09T12:00Z"], Doomed(plan));
        Assert.Equal(["floor 3 of 3"], Reasons(plan, "2021-05-06T12:00Z"));
    }

    [Fact]
    public void Plan_GuardFloor_KeepsMoreThanThePolicyWants()
    {
        var plan = Plan(
            Policy(new KeepRules { Last = 1 }),
            Series("2026-11-22T13:00Z", TimeSpan.FromHours(1), 6),
            new RetentionGuard { Floor = 4 });

        Assert.Equal(["2026-11-22T08:00Z", "2026-11-22T09:00Z"], Doomed(plan));
        Assert.Equal(["guard-floor 4 of 4"], Reasons(plan, "2026-11-22T10:00Z"));
    }

    [Fact]
    public void Plan_GuardAge_KeepsWhatIsYounger()
    {
        // The age of the copy of 10:30 is three hours to the tick: not younger.
        var copies = Series("2026-11-22T13:30Z", TimeSpan.FromHours(1), 6);
        copies[2] = copies[2] with { IsComplete = false };

        var plan = Plan(Policy(new KeepRules { Last = 1 }), copies, new RetentionGuard { YoungestAge = TimeSpan.FromHours(3) });

        Assert.Equal(["2026-11-22T08:30Z", "2026-11-22T09:30Z", "2026-11-22T10:30Z"], Doomed(plan));
        Assert.Equal(["guard-age: younger than 3h"], Reasons(plan, "2026-11-22T12:30Z"));
        Assert.Equal(["guard-age: younger than 3h"], Reasons(plan, "2026-11-22T11:30Z"));
    }
}
