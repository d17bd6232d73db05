using System.Text;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Guard;

/// <summary>
/// The guard file's rules on restores of files. Of those whose path holds the destination, the nearest decides alone, so that a part of a
/// folder can be allowed less than the rest.
/// </summary>
internal static class RestoreRules
{
    public static GuardDecision Check(string file, IReadOnlyList<RestoreRule> rules, RestoreFilesAction action)
    {
        if (FileFacts.Canonical(action.Destination.Span, out var problem) is not { } destination)
        {
            return Refuse($"{file}: restore", $"the destination {LogText.Escape(action.Destination.Span)} {problem}");
        }

        if (HoldsGuard(file, destination))
        {
            return Refuse($"{file}: restore", $"the destination {LogText.Escape(destination)} holds the guard file, or lies beside it: no rule can allow that");
        }

        var rule = rules
            .Select(r => (Rule: r, Root: FileFacts.Canonical(r.Path, out _)))
            .Where(r => r.Root is not null && FileFacts.IsWithin(destination, r.Root))
            .OrderByDescending(r => r.Root!.Length).FirstOrDefault().Rule;
        return rule is null ? Refuse($"{file}: restore, default deny", $"no rule of restore covers {LogText.Escape(destination)}: add it, or a folder above it, to {file}")
            : action.Overwrite && !rule.Overwrite ? Refuse(rule.Text, $"the rule does not allow overwrite below {LogText.Escape(rule.Path)}: restore to another path, or add it in {file}")
            : SourceProblem(rule, action, out var tree) is { } refused ? Refuse(rule.Text, $"{refused}: add it in {file}")
            : new GuardDecision { Allowed = true, Rule = rule.Text, Message = "allowed", Restore = new RestoreAllowance(file, rule, destination, tree) };
    }

    public static GuardDecision Refuse(string rule, string message) => new() { Allowed = false, Rule = rule, Message = message };

    /// <summary>Whoever may write there decides what is allowed here.</summary>
    private static bool HoldsGuard(string file, byte[] destination) =>
        FileFacts.Canonical(Encoding.UTF8.GetBytes(Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/"), out _) is not { } folder
        || FileFacts.IsWithin(destination, folder) || FileFacts.IsWithin(folder, destination);

    private static string? SourceProblem(RestoreRule rule, RestoreFilesAction action, out byte[]? tree)
    {
        tree = null;
        switch (action.SourceCase)
        {
            case RestoreFilesAction.SourceOneofCase.Zfs:
                var dataset = action.Zfs.Name.Split('@')[0];
                return rule.Datasets.Any(d => StorageRules.IsWithin(dataset, d)) ? null : $"the rule's datasets do not list {LogText.Escape(dataset)}";
            case RestoreFilesAction.SourceOneofCase.Lvm:
                // Of which volume it is a snapshot the action finds out, and asks again.
                var group = action.Lvm.Name.Split('/')[0];
                return rule.Volumes.Any(v => StorageRules.IsWithin(v, group)) ? null : $"the rule's volumes list nothing of group {LogText.Escape(group)}";
            case RestoreFilesAction.SourceOneofCase.Tree:
                var path = tree = FileFacts.Canonical(action.Tree.Span, out var problem);
                return path is null ? $"the tree {LogText.Escape(action.Tree.Span)} {problem}"
                    : rule.Trees.Any(t => FileFacts.Canonical(t, out _) is { } root && FileFacts.IsWithin(path, root)) ? null
                    : $"the rule's trees do not list {LogText.Escape(path)}";
            default:
                return "the action names no snapshot that this agent knows, and the rule covers none";
        }
    }
}
