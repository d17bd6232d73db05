using Fleet.Agent.Actions.Zfs;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Guard;

/// <summary>
/// The guard file's rules on datasets. Of the rules whose dataset holds another one, the nearest decides alone, so that a part of
/// a pool can be allowed less than the rest.
/// </summary>
/// <param name="file">The guard file, for messages.</param>
internal sealed class ZfsRules(string file, IReadOnlyList<ZfsRule> rules)
{
    /// <summary>Nothing is allowed.</summary>
    public static readonly ZfsRules None = new("", []);

    /// <summary>Null: no rule says anything about the dataset.</summary>
    public ZfsRule? Nearest(string dataset) =>
        rules.Where(r => ZfsNames.IsWithin(dataset, r.Dataset)).MaxBy(r => r.Dataset.Length);

    /// <summary>Null: the verb is allowed for this dataset.</summary>
    public GuardDecision? Refusal(string verb, string dataset)
    {
        var rule = Nearest(dataset);
        if (rule is not null && rule.Allow.Contains(verb))
        {
            return null;
        }

        return rule is null
            ? Refuse($"{file}: zfs, default deny", $"no rule of zfs allows {verb} for {LogText.Escape(dataset)}: add it, or a dataset that it lies in, to {file}")
            : Refuse(rule.Text, $"the nearest rule of zfs does not allow {verb} for {LogText.Escape(dataset)}: change it in {file}, or exclude the dataset");
    }

    private static GuardDecision Refuse(string rule, string message) => new() { Allowed = false, Rule = rule, Message = message };
}
