using Fleet.Schedules.Retention;
using FsCheck;
using FsCheck.Fluent;
using static Fleet.Schedules.Tests.Retention.Copies;

namespace Fleet.Schedules.Tests.Retention;

/// <summary>What the property tests draw: copies close together and far apart, around clock changes, with and without flags.</summary>
internal static class RetentionGen
{
    /// <summary>Where the draws lie: an autumn change, a spring change, the end of a year, and an ordinary day.</summary>
    private static readonly DateTimeOffset[] Centres =
        [At("2026-10-25T01:00Z"), At("2026-03-29T01:00Z"), At("2026-01-01T00:00Z"), At("2026-11-22T13:00Z"), At("2019-06-30T22:00Z")];

    public static readonly Gen<TimeZoneInfo> Zones = Gen.Elements(
        TimeZoneInfo.Utc,
        Berlin,
        TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe"),
        TimeZoneInfo.FindSystemTimeZoneById("America/Havana"));

    public static readonly Gen<RetentionPolicy> Policies =
        from counts in Gen.Frequency((3, Gen.Constant(0)), (4, Gen.Choose(1, 4)), (1, Gen.Constant(KeepRules.All))).ArrayOf(6)
        from within in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 3_000)))
        from floor in Gen.Choose(0, 3)
        from zone in Zones
        select Policy(
            new KeepRules
            {
                Last = counts[0],
                Hourly = counts[1],
                Daily = counts[2],
                Weekly = counts[3],
                Monthly = counts[4],
                Yearly = counts[5],
                Within = within == 0 ? null : TimeSpan.FromMinutes(within),
            },
            zone,
            floor);

    public static readonly Gen<RetentionGuard> Guards =
        from floor in Gen.Choose(0, 4)
        from age in Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(1, 40_000)))
        select new RetentionGuard { Floor = floor, YoungestAge = TimeSpan.FromHours(age) };

    /// <summary>An instant up to now: minutes, hours, days or months away from a centre, on a coarse grid so that ties occur.</summary>
    private static readonly Gen<DateTimeOffset> Instants =
        from centre in Gen.Elements(Centres)
        from step in Gen.Elements(15, 60, 24 * 60, 30 * 24 * 60)
        from count in Gen.Choose(-12, 12)
        let at = centre.AddMinutes(step * count)
        select at <= Now ? at : Now;

    private static readonly Gen<RetentionCandidate> Any =
        from at in Instants
        from key in Gen.Choose(0, 3)
        from flags in Gen.Choose(0, 11).ArrayOf(5)
        select Copy(at) with
        {
            OrderKey = (ulong)key,
            IsProtected = flags[0] == 0,
            IsHeld = flags[1] == 0,
            IsReplicationBase = flags[2] == 0,
            IsCloned = flags[4] == 0,
            IsComplete = flags[3] > 1,
        };

    /// <summary>A list of copies without anything from the future, each with an identity of its own.</summary>
    public static readonly Gen<RetentionCandidate[]> Lists =
        Gen.ListOf(Any).Resize(60).Select(static copies => copies.Select(static (c, i) => c with { Identity = $"{i}" }).ToArray());

    public static readonly Gen<RetentionCandidate> Extra = Any.Select(static c => c with { Identity = "extra" });

    public static readonly Gen<Case> Cases =
        from policy in Policies
        from guard in Guards
        from copies in Lists
        from extra in Extra
        select new Case(policy, guard, copies, extra);

    /// <summary>One draw.</summary>
    internal sealed record Case(RetentionPolicy Policy, RetentionGuard Guard, RetentionCandidate[] Copies, RetentionCandidate Extra)
    {
        public RetentionPlan Plan(params IEnumerable<RetentionCandidate> copies) => Tests.Retention.Copies.Plan(Policy, copies, Guard);

        public override string ToString() =>
            $"{Policy.Keep} floor {Policy.Floor} in {Policy.Zone.Id}, {Guard}, extra {Extra}\n{string.Join('\n', Copies.AsEnumerable())}";
    }
}
