using Fleet.Agent.Lvm;
using Fleet.Agent.Zfs;
using Fleet.Yaml;

namespace Fleet.Agent.Guard;

/// <summary>The list <c>restore</c> of the guard file.</summary>
internal static class RestoreRuleReader
{
    public static IReadOnlyList<RestoreRule> Read(YamlMapping file)
    {
        List<RestoreRule> rules = [];
        foreach (var mapping in file.Mappings("restore"))
        {
            var rule = ReadRule(mapping);
            if (rules.Exists(r => r.Path.AsSpan().SequenceEqual(rule.Path)))
            {
                mapping.Problem("path", "is named twice: of two rules for one path it would not be clear which one applies");
            }

            rules.Add(rule);
        }

        return rules;
    }

    private static RestoreRule ReadRule(YamlMapping mapping)
    {
        var path = mapping.RequiredString("path");
        var datasets = Names(mapping, "datasets", n => ZfsNames.IsDataset(n), "a dataset, such as tank/data");
        var volumes = Names(mapping, "volumes", n => LvmNames.IsGroup(n) || LvmNames.IsVolumePath(n),
            "a volume group or a volume in it, such as vg or vg/home");
        var trees = mapping.Strings("trees");
        if (datasets.Count + volumes.Count + trees.Count == 0)
        {
            mapping.Problem("path", "needs datasets, volumes or trees beside it: what may be restored there");
        }

        var overwrite = mapping.Boolean("overwrite") ?? false;
        var rule = new RestoreRule(
            [.. GuardRules.PathOf(mapping, "path", path)],
            datasets,
            volumes,
            [.. trees.Select((t, i) => GuardRules.PathOf(mapping, $"trees[{i}]", t))],
            overwrite,
            GuardRules.Text(mapping, "path",
                $"restore: {path} from {string.Join(", ", [.. datasets, .. volumes, .. trees])}{(overwrite ? ", overwrite" : "")}"));
        mapping.RefuseUnknown();
        return rule;
    }

    private static IReadOnlyList<string> Names(YamlMapping mapping, string key, Func<string, bool> isName, string what)
    {
        var names = mapping.Strings(key);
        for (var i = 0; i < names.Count; i++)
        {
            if (!isName(names[i]))
            {
                mapping.Problem($"{key}[{i}]", $"must be the name of {what}");
            }
        }

        return names;
    }
}
