using System.Globalization;
using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Schedules.Tests.Retention;

/// <summary>Copies, policies and clocks as the tests write them.</summary>
internal static class Copies
{
    public static readonly DateTimeOffset Now = At("2026-11-22T13:30:00Z");

    public static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    public static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);

    /// <summary>A good copy whose identity is its instant.</summary>
    public static RetentionCandidate Copy(DateTimeOffset createdAt) => new()
    {
        Identity = Instant(createdAt),
        Name = $"tank/data@fleet_hourly_{createdAt.UtcDateTime:yyyyMMddTHHmmssZ}",
        CreatedAt = createdAt,
        IsComplete = true,
    };

    public static RetentionCandidate Copy(string createdAt) => Copy(At(createdAt));

    /// <summary>Good copies, <paramref name="count"/> of them, back from the newest in equal steps.</summary>
    public static RetentionCandidate[] Series(string newest, TimeSpan step, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Copy(At(newest) - (i * step)))];

    /// <summary>A policy with the rules, that never asks.</summary>
    public static RetentionPolicy Policy(KeepRules keep, TimeZoneInfo? zone = null, int floor = 0, string name = "hourly") =>
        new() { Name = name, Keep = keep, Zone = zone ?? TimeZoneInfo.Utc, Floor = floor, Budget = RetentionBudget.Unlimited };

    /// <summary>A clock that the guard has nothing against.</summary>
    public static ClockCheck ClockAt(DateTimeOffset now) =>
        ClockGuard
            .Check(new ClockReading(now, TimeSpan.FromDays(3), "boot"), isSynchronised: true, ClockMemory.Empty, new ClockLimits())
            .Check;

    public static RetentionPlan Plan(RetentionPolicy policy, IEnumerable<RetentionCandidate> copies, RetentionGuard? guard = null) =>
        RetentionPlanner.Plan(policy, copies, ClockAt(Now), guard ?? RetentionGuard.None);

    public static RetentionPlan Plan(KeepRules keep, params IEnumerable<RetentionCandidate> copies) => Plan(Policy(keep), copies);

    /// <summary>The instants that stay, newest first, as <c>2026-11-22T13:00Z</c>.</summary>
    public static string[] Kept(RetentionPlan plan) =>
        [.. plan.Decisions.Where(static d => d.Verdict == RetentionVerdict.Keep).Select(static d => Instant(d.Candidate.CreatedAt))];

    /// <summary>The identities that would go, in order.</summary>
    public static string[] Doomed(RetentionPlan plan) =>
        [
            .. plan
                .Decisions.Where(static d => d.Verdict == RetentionVerdict.Destroy)
                .Select(static d => d.Candidate.Identity)
                .Order(StringComparer.Ordinal),
        ];

    public static string[] Reasons(RetentionPlan plan, string identity) =>
        [.. plan.Decisions.Single(d => d.Candidate.Identity == identity).Reasons.Select(static r => r.Text)];

    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture);
}
