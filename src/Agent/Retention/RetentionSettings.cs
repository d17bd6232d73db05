using Fleet.Agent.Logging;
using Fleet.Protocol.Edge;
using Fleet.Schedules.Retention;
using KeepRules = Fleet.Schedules.Retention.KeepRules;
using RetentionBudget = Fleet.Schedules.Retention.RetentionBudget;

namespace Fleet.Agent.Retention;

/// <summary>From what a policy says over the wire to what the planner takes. What it does not understand, it refuses.</summary>
internal static class RetentionSettings
{
    /// <param name="problem">Why there is no policy, one line, safe to show.</param>
    public static RetentionPolicy? Read(string policy, Protocol.V1.Retention? retention, out string problem)
    {
        problem = "";
        if (retention?.Keep is not { } keep)
        {
            problem = $"policy {policy} does not say what to keep";
            return null;
        }

        if (FindZone(retention.TimeZone) is not { } zone)
        {
            problem = $"this host does not know the time zone {LogText.Escape(retention.TimeZone)}: is tzdata installed?";
            return null;
        }

        try
        {
            return new RetentionPolicy
            {
                Name = policy,
                Keep = new KeepRules
                {
                    Last = keep.Last,
                    Hourly = keep.Hourly,
                    Daily = keep.Daily,
                    Weekly = keep.Weekly,
                    Monthly = keep.Monthly,
                    Yearly = keep.Yearly,
                    Within = Within(keep.Within),
                },
                Zone = zone,
                Floor = retention.Floor,
                Budget = Budget(retention.Budget),
            };
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or OverflowException)
        {
            problem = $"the retention of policy {policy} contains an invalid number: {LogText.Escape(e.Message)}";
            return null;
        }
    }

    private static RetentionBudget Budget(Protocol.V1.RetentionBudget? budget) => new()
    {
        MostPercent = budget is { HasMostPercent: true } ? budget.MostPercent : RetentionBudget.DefaultMostPercent,
        MostCount = budget is { HasMostCount: true } ? budget.MostCount : RetentionBudget.DefaultMostCount,
    };

    private static TimeSpan? Within(Google.Protobuf.WellKnownTypes.Duration? within) =>
        within is null ? null : WireTime.SpanOf(within) ?? throw new ArgumentException("within is no length of time");

    private static TimeZoneInfo? FindZone(string name) =>
        name.Length == 0 ? TimeZoneInfo.Utc
        : name.StartsWith('/') || name.Contains("..", StringComparison.Ordinal) ? null
        : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;
}
