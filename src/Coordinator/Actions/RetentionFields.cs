using System.Text.RegularExpressions;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Actions;

/// <summary>Checks which snapshots and dated trees are kept.</summary>
internal static partial class RetentionFields
{
    /// <summary>Checks the fields of every action that prunes, whatever it prunes.</summary>
    public static void CheckPruning(
        this ActionFindings findings,
        string snapshotsOf,
        Retention? retention,
        string confirmation,
        Timestamp? assumedNow,
        bool isDryRun,
        string path)
    {
        if (!WireNames.IsPolicy(snapshotsOf))
        {
            findings.Refuse($"{path}.snapshots_of", "is required: the name of the policy that makes the snapshots");
        }

        findings.CheckRetention(retention, $"{path}.retention");
        if (confirmation.Length > 0)
        {
            findings.Refuse($"{path}.confirmation", "confirms one run and does not belong in a policy");
        }

        if (assumedNow is not null)
        {
            findings.Refuse($"{path}.assumed_now", "is for single dry runs and does not belong in a policy");
        }

        if (isDryRun)
        {
            findings.Warn("the action is a dry run: it destroys nothing");
        }
    }

    public static void CheckRetention(this ActionFindings findings, Retention? retention, string path)
    {
        if (retention?.Keep is not { } keep)
        {
            findings.Refuse($"{path}.keep", "is required: at least one rule");
            return;
        }

        (string Name, int Count)[] counts =
        [
            ("last", keep.Last),
            ("hourly", keep.Hourly),
            ("daily", keep.Daily),
            ("weekly", keep.Weekly),
            ("monthly", keep.Monthly),
            ("yearly", keep.Yearly),
        ];
        foreach (var (name, count) in counts)
        {
            if (count is < PolicyLimits.AllCopies or > PolicyLimits.MostCopies)
            {
                findings.Refuse($"{path}.keep.{name}", $"must be 0 to {PolicyLimits.MostCopies}, or {PolicyLimits.AllCopies} for all");
            }
        }

        findings.Check(keep.Within, $"{path}.keep.within", PolicyLimits.ShortestWithin, PolicyLimits.LongestWithin);
        if (keep.Within is null && counts.All(c => c.Count == 0))
        {
            findings.Refuse($"{path}.keep", "names no rule: then nothing would ever be destroyed");
        }

        if (!ZonePattern().IsMatch(retention.TimeZone))
        {
            findings.Refuse($"{path}.time_zone", "must be the name of a time zone, such as Europe/Berlin");
        }

        if (retention.Floor is < 0 or > PolicyLimits.MostCopies)
        {
            findings.Refuse($"{path}.floor", $"must be 0 to {PolicyLimits.MostCopies}");
        }

        if (retention.Budget is { HasMostPercent: true, MostPercent: < 0 or > 100 })
        {
            findings.Refuse($"{path}.budget.most_percent", "must be 0 to 100");
        }

        if (retention.Budget is { HasMostCount: true, MostCount: < 0 })
        {
            findings.Refuse($"{path}.budget.most_count", "must not be negative");
        }
    }

    // The host, which does the counting, decides whether there is such a zone.
    [GeneratedRegex("^(?:[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*)?\\z")]
    private static partial Regex ZonePattern();
}
