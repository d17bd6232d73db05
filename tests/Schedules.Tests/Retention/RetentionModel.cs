using System.Globalization;
using Fleet.Schedules.Retention;

namespace Fleet.Schedules.Tests.Retention;

/// <summary>
/// The rules once more, said about one copy at a time and without any walk: what <c>docs/retention.md</c> promises, written down as it
/// reads.
/// </summary>
internal static class RetentionModel
{
    public static bool Keeps(
        RetentionPolicy policy,
        RetentionGuard guard,
        IReadOnlyList<RetentionCandidate> all,
        RetentionCandidate copy,
        DateTimeOffset now)
    {
        if (policy.Keep.IsEmpty
            || copy.IsProtected
            || copy.IsHeld
            || copy.IsReplicationBase
            || copy.IsCloned
            || now - copy.CreatedAt < guard.YoungestAge)
        {
            return true;
        }

        if (!copy.IsComplete)
        {
            return !all.Any(other => other.IsComplete && IsNewer(other, copy));
        }

        var counted = all.Where(static c => c.IsComplete && !c.IsProtected && !c.IsHeld).ToList();
        var newer = counted.Count(other => IsNewer(other, copy));
        var isNewestGood = !all.Any(other => other.IsComplete && IsNewer(other, copy));
        var newest = counted.Max(static c => c.CreatedAt);
        var keep = policy.Keep;
        return isNewestGood || newer < policy.Floor || newer < guard.Floor || Reaches(keep.Last, newer)
            || (keep.Within is { } span && copy.CreatedAt >= newest - span)
            || Period(keep.Hourly, Hour) || Period(keep.Daily, static (t, _) => $"{t:yyyyMMdd}")
            || Period(keep.Weekly, static (t, _) => $"{ISOWeek.GetYear(t.DateTime)}-{ISOWeek.GetWeekOfYear(t.DateTime)}")
            || Period(keep.Monthly, static (t, _) => $"{t:yyyyMM}") || Period(keep.Yearly, static (t, _) => $"{t:yyyy}");

        bool Period(int count, Func<DateTimeOffset, TimeZoneInfo, string> nameOf)
        {
            var name = Name(copy);
            return !counted.Any(other => Name(other) == name && IsNewer(other, copy))
                && Reaches(count, counted.Where(other => IsNewer(other, copy)).Select(Name).Distinct().Count());

            string Name(RetentionCandidate c) => nameOf(TimeZoneInfo.ConvertTime(c.CreatedAt, policy.Zone), policy.Zone);
        }
    }

    private static string Hour(DateTimeOffset local, TimeZoneInfo zone) => $"{local:yyyyMMddHHzzz}";

    private static bool Reaches(int count, int newerPeriods) => count == KeepRules.All || newerPeriods < count;

    private static bool IsNewer(RetentionCandidate one, RetentionCandidate other) =>
        (one.CreatedAt, one.OrderKey).CompareTo((other.CreatedAt, other.OrderKey)) is var order && order != 0
            ? order > 0
            : string.CompareOrdinal(one.Identity, other.Identity) > 0;
}
