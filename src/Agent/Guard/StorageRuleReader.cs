using Fleet.Agent.Lvm;
using Fleet.Agent.Zfs;
using Fleet.Yaml;

namespace Fleet.Agent.Guard;

/// <summary>The lists <c>zfs</c> and <c>lvm</c> of the guard file, which differ in what their names are.</summary>
internal static class StorageRuleReader
{
    public static readonly TimeSpan LongestAge = TimeSpan.FromDays(36_600);

    public static IReadOnlyList<StorageRule> Zfs(YamlMapping file) =>
        Read(file, "zfs", "dataset", StorageRule.ZfsVerbs, n => ZfsNames.IsDataset(n), "a dataset, such as tank/data");

    public static IReadOnlyList<StorageRule> Lvm(YamlMapping file) =>
        Read(file, "lvm", "volume", StorageRule.LvmVerbs, n => LvmNames.IsGroup(n) || LvmNames.IsVolumePath(n),
            "a volume group or a volume in it, such as vg or vg/home");

    private static List<StorageRule> Read(
        YamlMapping file, string section, string key, IReadOnlyList<string> verbs, Func<string, bool> isName, string what)
    {
        List<StorageRule> rules = [];
        foreach (var rule in file.Mappings(section))
        {
            var name = rule.RequiredString(key);
            if (!isName(name))
            {
                rule.Problem(key, $"must be the name of {what}");
            }
            else if (rules.Exists(r => r.Name == name))
            {
                rule.Problem(key, $"is named twice: of two rules for one {key} it would not be clear which one applies");
            }

            rules.Add(ReadRule(rule, section, key, verbs, name));
        }

        return rules;
    }

    private static StorageRule ReadRule(YamlMapping rule, string section, string key, IReadOnlyList<string> known, string name)
    {
        var verbs = string.Join(", ", known);
        var allow = rule.Strings("allow");
        for (var i = 0; i < allow.Count; i++)
        {
            if (!known.Contains(allow[i]))
            {
                rule.Problem($"allow[{i}]", $"must be one of {verbs}");
            }
        }

        if (!rule.Has("allow"))
        {
            rule.Problem("allow", $"is required: none or more of {verbs}");
        }

        var keepNewest = rule.Integer("keep_newest", allow.Contains("prune") ? 1 : 0, int.MaxValue);
        var youngest = rule.Duration("youngest", TimeSpan.Zero, LongestAge);
        foreach (var (limit, isGiven) in new[] { ("keep_newest", keepNewest is not null), ("youngest", youngest is not null) })
        {
            if (allow.Contains("prune") && !isGiven)
            {
                rule.Problem(limit, "is required where prune is allowed: it is what survives whatever the coordinator asks");
            }
        }

        rule.RefuseUnknown();
        var limits = allow.Contains("prune")
            ? $", keep_newest {keepNewest}, youngest {DurationText.Format(youngest ?? TimeSpan.Zero)}"
            : "";
        var text = $"{section}: {name} allows {(allow.Count == 0 ? "nothing" : string.Join(", ", allow))}{limits}";
        return new StorageRule(name, allow, (int)(keepNewest ?? 1), youngest ?? TimeSpan.Zero, GuardRules.Text(rule, key, text));
    }
}
