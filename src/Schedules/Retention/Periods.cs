using System.Globalization;

namespace Fleet.Schedules.Retention;

/// <summary>The periods of the rules: which one a local time falls into, and what it is called.</summary>
internal static class Periods
{
    /// <summary>
    /// A number that is the same within a period and greater in every later one. An hour's is that of its start in UTC, so that autumn's
    /// two hours of one name are two; 0001-01-01 was a Monday, so that whole weeks from there are ISO weeks.
    /// </summary>
    public static long Key(RetentionRule rule, DateTimeOffset local) => rule switch
    {
        RetentionRule.Hourly => local.UtcTicks - (local.Ticks % TimeSpan.TicksPerHour),
        RetentionRule.Daily => local.Ticks / TimeSpan.TicksPerDay,
        RetentionRule.Weekly => local.Ticks / TimeSpan.TicksPerDay / 7,
        RetentionRule.Monthly => (local.Year * 12L) + local.Month,
        RetentionRule.Yearly => local.Year,
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    /// <summary><c>2026-10-25T02:00+01:00</c>, <c>2026-10-25</c>, <c>2026-W43</c>, <c>2026-10</c>, <c>2026</c>.</summary>
    public static string Label(RetentionRule rule, DateTimeOffset local) => rule switch
    {
        RetentionRule.Hourly when local.Offset == TimeSpan.Zero => Text($"{local:yyyy-MM-ddTHH}:00Z"),
        RetentionRule.Hourly => Text($"{local:yyyy-MM-ddTHH}:00{local:zzz}"),
        RetentionRule.Daily => Text($"{local:yyyy-MM-dd}"),
        RetentionRule.Weekly => Text($"{ISOWeek.GetYear(local.DateTime):0000}-W{ISOWeek.GetWeekOfYear(local.DateTime):00}"),
        RetentionRule.Monthly => Text($"{local:yyyy-MM}"),
        RetentionRule.Yearly => Text($"{local:yyyy}"),
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
