using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Guard;

/// <summary>
/// The list <c>commands</c> of the guard file: programs, and commands around snapshots. Folders that they work in are open from then on.
/// </summary>
internal static class CommandRules
{
    /// <summary>The first rule that fits decides.</summary>
    public static GuardDecision Check(string file, GuardRules rules, CommandAction command, ProtectedPlaces places)
    {
        GuardDecision? nearest = null;
        foreach (var rule in rules.Commands.Where(r => r.Program == command.Program))
        {
            var problem = Mismatch(rule, command);
            if (problem.Length == 0)
            {
                return Open(rule, command.WorkingDirectory, places);
            }

            nearest ??= Refuse(rule.Text, $"{problem}: change the rule in {file}, or add one");
        }

        return nearest
            ?? Refuse($"{file}: commands, default deny", $"commands does not list {LogText.Escape(command.Program)}: add it to {file}");
    }

    private static string Mismatch(GuardRules.CommandRule rule, CommandAction command)
    {
        var rest = rule.Arguments is [.., "**"];
        var patterns = rest ? rule.Arguments.Count - 1 : rule.Arguments.Count;
        if (command.Arguments.Count < patterns || (!rest && command.Arguments.Count > patterns))
        {
            return $"the rule takes {patterns} argument(s){(rest ? " or more" : "")}, not {command.Arguments.Count}";
        }

        for (var i = 0; i < patterns; i++)
        {
            // An option could turn the program into another one; after a literal "--" there are none.
            if (rule.Arguments[i] == "*" && command.Arguments[i].StartsWith('-') && !rule.Arguments.Take(i).Contains("--"))
            {
                return $"the rule's argument {i + 1} is \"*\", which does not stand for options such as "
                    + $"{LogText.Escape(command.Arguments[i])}";
            }

            if (rule.Arguments[i] != "*" && rule.Arguments[i] != command.Arguments[i])
            {
                return $"the rule's argument {i + 1} is {LogText.Escape(rule.Arguments[i])}, not {LogText.Escape(command.Arguments[i])}";
            }
        }

        // LD_PRELOAD and its like turn any program into any other.
        if (command.Environment.Keys.FirstOrDefault(k => !rule.Environment.Contains(k)) is { } variable)
        {
            return $"the rule's environment does not list {LogText.Escape(variable)}";
        }

        return command.WorkingDirectory is "" or "/" || rule.WorkingDirectories.Contains(command.WorkingDirectory)
            ? ""
            : $"the rule's working_directories does not list {LogText.Escape(command.WorkingDirectory)}";
    }

    /// <summary>A decision on a snapshot, and on the commands before and after it.</summary>
    public static GuardDecision Around(
        GuardDecision snapshot, string file, GuardRules rules, SnapshotHook? before, SnapshotHook? after, ProtectedPlaces places)
    {
        List<GuardDecision> decisions = [.. new[] { before, after }.OfType<SnapshotHook>()
            .Select(h => h.Command is null ? Refuse($"{file}: commands", "a hook names no command") : Check(file, rules, h.Command,
                places)), snapshot];
        if (decisions.Find(d => !d.Allowed) is { } refused)
        {
            decisions.ForEach(d => d.Dispose());
            return refused;
        }

        return snapshot with { WorkingFolders = [.. decisions.SelectMany(d => d.WorkingFolders)] };
    }

    private static GuardDecision Open(GuardRules.CommandRule rule, string folder, ProtectedPlaces places)
    {
        var allowed = new GuardDecision { Allowed = true, Rule = rule.Text, Message = "allowed" };
        if (folder is "" or "/")
        {
            return allowed;
        }

        var path = Encoding.UTF8.GetBytes(folder);
        return FileFacts.Plain(path, out var problem) is not { } plain || RulePath.Of(plain, plain) is not { } at
            ? Refuse(rule.Text, $"the working directory {LogText.Escape(folder)} {problem}")
            : at.Problem.Length > 0 ? Refuse(rule.Text, $"the working directory cannot be used: {at.Problem}")
            : places.ReadProblem(at.Path) is { } own ? Refuse(rule.Text, $"the working directory {own}")
            : at.Open(out problem) is { } opened ? allowed with { WorkingFolders = [(folder, opened)] }
            : Refuse(rule.Text, $"the working directory cannot be used: {problem}");
    }

    private static GuardDecision Refuse(string rule, string message) => new() { Allowed = false, Rule = rule, Message = message };
}
