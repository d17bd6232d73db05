using Fleet.Schedules.Retention;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention;

/// <summary>The same snapshots, planned here and by sanoid 2.1: for what both can say, the same ones go. See docs/retention.md.</summary>
public sealed class SanoidComparisonTests
{
    private static readonly Dictionary<string, TimeSpan> Periods = new()
    {
        ["hourly"] = TimeSpan.FromHours(1),
        ["daily"] = TimeSpan.FromDays(1),
        ["weekly"] = TimeSpan.FromDays(7),
        ["monthly"] = TimeSpan.FromDays(31),
        ["yearly"] = TimeSpan.FromDays(365.25),
    };

    /// <summary>By the second, as ZFS counts.</summary>
    private static readonly DateTimeOffset RealNow = DateTimeOffset.FromUnixTimeSeconds(
        TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());

    // What sanoid's "hourly = N" means: the newest N, and everything younger than N hours.
    [Theory]
    [InlineData("hourly", 1, 1)]
    [InlineData("hourly", 24, 2)]
    [InlineData("daily", 7, 3)]
    [InlineData("daily", 30, 4)]
    [InlineData("weekly", 4, 5)]
    [InlineData("monthly", 12, 6)]
    [InlineData("yearly", 3, 7)]
    public async Task LastAndWithin_AnyList_SameAsSanoid(string type, int count, int seed)
    {
        var snapshots = Scattered(Periods[type], count * 4, new Random(seed));

        var keep = new KeepRules { Last = count, Within = count * Periods[type] };

        await AssertSameAsync(type, count, keep, snapshots);
    }

    // Where each period has one snapshot, the newest N periods are the newest N snapshots.
    [Theory]
    [InlineData("hourly", 24)]
    [InlineData("daily", 7)]
    [InlineData("weekly", 5)]
    public async Task Periods_OneSnapshotInEach_SameAsSanoid(string type, int count)
    {
        var period = Periods[type];
        // The first second of a period; 1970-01-01 was a Thursday, and 4 days later a week began.
        var start = RealNow.ToUnixTimeSeconds() - TimeSpan.FromDays(type == "weekly" ? 4 : 0).Ticks / TimeSpan.TicksPerSecond;
        var newest = RealNow.AddSeconds(-(start % (long)period.TotalSeconds));
        DateTimeOffset[] snapshots = [.. Enumerable.Range(0, count * 3).Select(i => newest - (i * period))];

        var keep = type switch
        {
            "hourly" => new KeepRules { Hourly = count },
            "daily" => new KeepRules { Daily = count },
            _ => new KeepRules { Weekly = count },
        };

        await AssertSameAsync(type, count, keep, snapshots);
    }

    private static async Task AssertSameAsync(string type, int count, KeepRules keep, DateTimeOffset[] snapshots)
    {
        var plan = RetentionPlanner.Plan(Policy(keep), snapshots.Select(Numbered), ClockAt(RealNow), RetentionGuard.None);
        DateTimeOffset[] ours =
        [
            .. plan.Decisions.Where(static d => d.Verdict == RetentionVerdict.Destroy).Select(static d => d.Candidate.CreatedAt).Order(),
        ];

        var theirs = await Sanoid.PrunesAsync(type, count, snapshots);

        Assert.NotEmpty(theirs);
        Assert.Equal(theirs, ours);
    }

    private static RetentionCandidate Numbered(DateTimeOffset at, int number) => Copy(at) with { Identity = $"{number}" };

    /// <summary>
    /// The newest one just now, since sanoid measures ages from now; then up to three in a period, some periods without any. None so near
    /// to the end of a whole number of periods that the time which the test takes could matter.
    /// </summary>
    private static DateTimeOffset[] Scattered(TimeSpan period, int periods, Random random) =>
        [
            RealNow,
            .. Enumerable
                .Range(0, periods)
                .SelectMany(i => Enumerable.Range(0, random.Next(0, 4)).Select(_ => i + 0.3 + (0.4 * random.NextDouble())))
                .Select(age => DateTimeOffset.FromUnixTimeSeconds((RealNow - (age * period)).ToUnixTimeSeconds()))
                .Distinct(),
        ];
}
