using Fleet.Protocol.V1;
using Fleet.Yaml;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Actions;

/// <summary>Reads the retention, <c>keep</c>, <c>zone</c>, <c>floor</c> and <c>budget</c>: the same for all kinds of copies.</summary>
internal static class RetentionReader
{
    /// <summary>Fields of the protocol that have another name in policy files: see <see cref="ActionText.Renamed"/>.</summary>
    public static readonly IReadOnlyList<(string Proto, string Yaml)> Renamed =
    [
        ("retention.keep", "keep"),
        ("retention.time_zone", "zone"),
        ("retention.floor", "floor"),
        ("retention.budget.most_percent", "budget.percent"),
        ("retention.budget.most_count", "budget.count"),
    ];

    private const int All = -1;
    private const int MostCount = 1_000_000;
    private static readonly TimeSpan LongestWithin = TimeSpan.FromDays(36_600);

    public static Fleet.Protocol.V1.Retention Read(YamlMapping yaml) => new()
    {
        Keep = ReadKeep(yaml),
        TimeZone = yaml.String("zone") ?? "",
        Floor = (int)(yaml.Integer("floor", 0, MostCount) ?? 0),
        Budget = ReadBudget(yaml.Mapping("budget")),
    };

    /// <summary>Null if the policy has no retention.</summary>
    public static Fleet.Protocol.V1.Retention? ReadOptional(YamlMapping yaml) =>
        yaml.Has("keep") || yaml.Has("zone") || yaml.Has("floor") || yaml.Has("budget") ? Read(yaml) : null;

    private static KeepRules ReadKeep(YamlMapping yaml)
    {
        var keep = new KeepRules();
        if (yaml.Mapping("keep") is not { } rules)
        {
            if (!yaml.Has("keep"))
            {
                yaml.Problem("keep", "is required: which copies stay, such as {hourly: 24, daily: 7}");
            }

            return keep;
        }

        keep.Last = Count(rules, "last");
        keep.Hourly = Count(rules, "hourly");
        keep.Daily = Count(rules, "daily");
        keep.Weekly = Count(rules, "weekly");
        keep.Monthly = Count(rules, "monthly");
        keep.Yearly = Count(rules, "yearly");
        keep.Within = rules.Duration("within", TimeSpan.FromSeconds(1), LongestWithin) is { } within ? Duration.FromTimeSpan(within) : null;
        rules.RefuseUnknown();
        return keep;
    }

    private static RetentionBudget? ReadBudget(YamlMapping? yaml)
    {
        if (yaml is null)
        {
            return null;
        }

        var budget = new RetentionBudget();
        if (yaml.Integer("percent", 0, 100) is { } percent)
        {
            budget.MostPercent = (int)percent;
        }

        if (yaml.Integer("count", 0, int.MaxValue) is { } count)
        {
            budget.MostCount = (int)count;
        }

        yaml.RefuseUnknown();
        return budget;
    }

    private static int Count(YamlMapping rules, string key) =>
        rules.Has(key) && rules.Kind(key) == YamlKind.Scalar && rules.String(key) == "all"
            ? All
            : (int)(rules.Integer(key, 0, MostCount) ?? 0);
}
