using System.Text;
using Fleet.Agent.Edge;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>
/// Dated trees of policies that this host no longer has: one was deleted or renamed. Nothing thins them. A person can give them to the
/// policy that writes there now, with the digits that each run names.
/// </summary>
internal sealed class VersionAdoption
{
    private readonly List<(string Policy, IReadOnlyList<VersionRecord> Trees, RsyncQuestion Question)> _orphans = [];
    private readonly ActionContext _context;

    /// <param name="known">All trees of the folder.</param>
    /// <param name="assigned">What this host has now. None that was ever received: nothing counts as left over.</param>
    public VersionAdoption(ActionContext context, IReadOnlyList<VersionRecord> known, HostAssignment assigned)
    {
        _context = context;
        if (context.Policy.Length == 0 || assigned.Revision == 0)
        {
            return;
        }

        foreach (var policy in known.GroupBy(t => t.Policy).Where(g => g.Key != context.Policy && !Has(assigned, g.Key)).OrderBy(
            g => g.Key, StringComparer.Ordinal))
        {
            var question = new RsyncQuestion();
            question.Add("adopt", Encoding.UTF8.GetBytes(
                string.Join('\n', policy.Select(t => $"{t.Folder} {t.Inode}").Order(StringComparer.Ordinal).Prepend(policy.Key))));
            _orphans.Add((policy.Key, [.. policy], question));
        }
    }

    /// <summary>What the confirmation of this run says are to become this policy's.</summary>
    public IReadOnlyList<VersionRecord> Wanted => _orphans.Find(o => o.Question.IsConfirmed(_context.Action.Rsync)).Trees ?? [];

    /// <summary>What stays, and what can be done about it. Safe to show.</summary>
    public IEnumerable<string> Notes => _orphans.Select(o =>
        $"{o.Trees.Count} tree(s) of policy {Logging.LogText.Escape(o.Policy)}, which this host no longer has, stay here. To make them "
            + $"this policy's, with its retention: "
        + $"fleet run {_context.Policy} --host {_context.HostName} --confirm {o.Question.Digits(_context.Action.Rsync)}; "
        + $"to remove them, remove their folders and records on that host: fleet_{Logging.LogText.Escape(o.Policy)}_*, "
            + $".fleet/fleet_{Logging.LogText.Escape(o.Policy)}_*.json");

    private static bool Has(HostAssignment assigned, string policy) =>
        assigned.Policies.Any(p => p.Name == policy) || assigned.Problems.Any(p => p.Policy == policy);
}
