using Fleet.Agent.Files;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Guard;

/// <summary>
/// The guard file's rules on restores of files. Of those whose path holds the destination, the nearest decides alone, so that a part of a
/// folder can be allowed less than the rest.
/// </summary>
internal static class RestoreRules
{
    /// <param name="confine">As <see cref="GuardDecision.Confine"/>.</param>
    public static GuardDecision Check(
        string file, IReadOnlyList<RestoreRule> rules, RestoreFilesAction action, ProtectedPlaces places, bool confine = true)
    {
        if (FileFacts.Plain(action.Destination.Span, out var problem) is not { } destination)
        {
            return Refuse($"{file}: restore", $"the destination {LogText.Escape(action.Destination.Span)} {problem}");
        }

        var (rule, at) = rules
            .Select(r => (Rule: r, At: RulePath.Of(r.Path, destination)))
            .Where(r => r.At is not null)
            .OrderByDescending(r => r.At!.Value.Root.Length).FirstOrDefault();
        if (at is not { } path)
        {
            // A rule would not help there.
            return places.WriteProblem(destination) is { } own
                ? Refuse($"{file}: restore", $"the destination {own}")
                : Refuse($"{file}: restore, default deny",
                    $"no rule of restore covers {LogText.Escape(destination)}: add it, or a folder above it, to {file}");
        }

        if (path.Problem.Length > 0 || places.WriteProblem(path.Path) is not null)
        {
            return Refuse(rule.Text, path.Problem.Length > 0 ? path.Problem : $"the destination {places.WriteProblem(path.Path)}");
        }

        if (action.Overwrite && !rule.Overwrite)
        {
            return Refuse(rule.Text,
                $"the rule does not allow overwrite below {LogText.Escape(rule.Path)}: restore to another path, or add it in {file}");
        }

        if (SourceProblem(rule, action, out var tree) is { } refused)
        {
            return Refuse(rule.Text, $"{refused}: add it in {file}");
        }

        if (path.Open(out problem) is not { } opened)
        {
            return Refuse(rule.Text, $"the destination cannot be used: {problem}");
        }

        var source = tree?.Open(out problem);
        if (tree is not null && source is null)
        {
            opened.Dispose();
            return Refuse(rule.Text, $"the tree cannot be used: {problem}");
        }

        return new GuardDecision
        {
            Allowed = true,
            Rule = rule.Text,
            Message = "allowed",
            Confine = confine,
            Restore = new RestoreAllowance(file, rule, opened, source, [.. places.Folders, .. places.Secrets])
        };
    }

    public static GuardDecision Refuse(string rule, string message) => new() { Allowed = false, Rule = rule, Message = message };

    private static string? SourceProblem(RestoreRule rule, RestoreFilesAction action, out RulePath? tree)
    {
        tree = null;
        switch (action.SourceCase)
        {
            case RestoreFilesAction.SourceOneofCase.Zfs:
                var dataset = action.Zfs.Name.Split('@')[0];
                return rule.Datasets.Any(d => StorageRules.IsWithin(dataset, d))
                    ? null
                    : $"the rule's datasets do not list {LogText.Escape(dataset)}";
            case RestoreFilesAction.SourceOneofCase.Lvm:
                // Of which volume it is a snapshot the action finds out, and asks again.
                var group = action.Lvm.Name.Split('/')[0];
                return rule.Volumes.Any(v => StorageRules.IsWithin(v, group))
                    ? null
                    : $"the rule's volumes list nothing of group {LogText.Escape(group)}";
            case RestoreFilesAction.SourceOneofCase.Tree:
                if (FileFacts.Plain(action.Tree.Span, out var problem) is not { } path)
                {
                    return $"the tree {LogText.Escape(action.Tree.Span)} {problem}";
                }

                tree = rule.Trees.Select(t => RulePath.Of(t, path)).FirstOrDefault(t => t is not null);
                return tree is null
                    ? $"the rule's trees do not list {LogText.Escape(path)}"
                    : tree.Value.Problem.Length > 0
                    ? tree.Value.Problem
                    : null;
            default:
                return "the action names no snapshot that this agent knows, and the rule covers none";
        }
    }
}
