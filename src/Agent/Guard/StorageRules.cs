using Fleet.Agent.Logging;

namespace Fleet.Agent.Guard;

/// <summary>
/// The guard file's rules on datasets, or on volumes. Of the rules whose name holds another one, the nearest decides alone, so that a
/// part of a pool or group can be allowed less than the rest.
/// </summary>
/// <param name="file">The guard file, for messages.</param>
/// <param name="section">"zfs", "lvm".</param>
internal sealed class StorageRules(string file, string section, IReadOnlyList<StorageRule> rules)
{
    /// <summary>Nothing is allowed.</summary>
    public static readonly StorageRules None = new("", "", []);

    /// <summary>Null if no rule says anything about it.</summary>
    public StorageRule? Nearest(string name) => rules.Where(r => IsWithin(name, r.Name)).MaxBy(r => r.Name.Length);

    /// <summary>Null if the verb is allowed for it.</summary>
    public GuardDecision? Refusal(string verb, string name)
    {
        var rule = Nearest(name);
        if (rule is not null && rule.Allow.Contains(verb))
        {
            return null;
        }

        return rule is null
            ? Refuse($"{file}: {section}, default deny",
                $"no rule of {section} allows {verb} for {LogText.Escape(name)}: add it, or what it lies in, to {file}")
            : Refuse(rule.Text, $"the nearest rule of {section} does not allow {verb} for {LogText.Escape(name)}: change it in {file}, or "
                + $"leave it out of the policy");
    }

    /// <summary>Null if the verb is allowed for each of them.</summary>
    public GuardDecision? Refusal(string verb, IEnumerable<string> names) =>
        names.Select(n => Refusal(verb, n)).FirstOrDefault(r => r is not null);

    /// <summary>By whole parts of names.</summary>
    public static bool IsWithin(string name, string root) =>
        name.StartsWith(root, StringComparison.Ordinal) && (name.Length == root.Length || name[root.Length] == '/');

    private static GuardDecision Refuse(string rule, string message) => new() { Allowed = false, Rule = rule, Message = message };
}
