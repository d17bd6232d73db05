using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Fleet.Cli.Naming;
using Fleet.Cli.Outcomes;
using Fleet.Yaml;

namespace Fleet.Cli.CommandLine;

/// <summary>Finds what is wrong with a command line, and what was probably meant.</summary>
internal static class UsageErrors
{
    /// <summary>Beginnings of the library's messages that are replaced here by better ones.</summary>
    private static readonly string[] Retold =
        ["Required command was not provided", "Unrecognized command or argument", "Required argument ", "Option '"];

    /// <summary>Null if the command line can be carried out.</summary>
    /// <param name="arguments">The arguments as they were given, before the parser split any of them.</param>
    public static CliFailure? Find(ParseResult parsed, IReadOnlyList<string> arguments, IReadOnlyDictionary<Symbol, NameKind> named)
    {
        var command = parsed.CommandResult.Command;
        var help = $"see {Line(parsed.CommandResult)} --help";
        if (Unknown(parsed, arguments, command, named) is var (message, meant))
        {
            return new CliFailure(ExitCode.Refused, message, meant.Length > 0 ? $"{meant} {help}" : help);
        }

        if (parsed.Errors.Count == 0)
        {
            return null;
        }

        if (command.Subcommands.Count > 0 && parsed.Errors.Any(e => e.Message.StartsWith("Required command", StringComparison.Ordinal)))
        {
            var commands = string.Join(", ", command.Subcommands.Select(c => c.Name));
            return new CliFailure(ExitCode.Refused, $"{Line(parsed.CommandResult)} needs a command: {commands}", help);
        }

        var missing = Missing(parsed, command, named);
        var errors = parsed.Errors.Select(e => e.Message.Replace("\n\t", " ", StringComparison.Ordinal)).Distinct()
            .Where(e => !Retold.Any(r => e.StartsWith(r, StringComparison.Ordinal)));
        List<string> all = [.. missing.Select(m => m.What), .. errors];
        var how = string.Concat(missing.Select(m => m.How).Where(h => h.Length > 0).Distinct().Select(h => $"{h}; "));
        return new CliFailure(ExitCode.Refused, all.FirstOrDefault() ?? parsed.Errors[0].Message, how + help)
        {
            Details = [.. all.Skip(1)],
        };
    }

    private static (string Message, string Meant)? Unknown(
        ParseResult parsed, IReadOnlyList<string> arguments, Command command, IReadOnlyDictionary<Symbol, NameKind> named)
    {
        var words = parsed.UnmatchedTokens;
        var line = Line(parsed.CommandResult);
        if ((words.FirstOrDefault(IsOption) ?? OptionAsArgument(parsed) ?? OptionAsValue(parsed, arguments)) is { } option)
        {
            var name = option.Split('=')[0];
            return ($"{line} has no option {name}", OptionMeant(name, [.. Options(parsed.CommandResult)], named));
        }

        if (words.Count == 0)
        {
            return null;
        }

        var word = words[0];
        if (command.Subcommands.Count > 0 && command.Arguments.Count == 0)
        {
            return ($"{line} has no command '{word}'", Command(command, word));
        }

        var names = command.Options.Where(named.ContainsKey).Select(o => $"{o.Name} {word}").ToList();
        return (
            $"{line} takes no '{word}'{(command.Arguments.Count > 0 ? " besides the arguments before it" : "")}",
            names.Count > 0 ? $"did you mean {string.Join(" or ", names)}?" : "");
    }

    private static string OptionMeant(string name, IReadOnlyList<Option> options, IReadOnlyDictionary<Symbol, NameKind> named)
    {
        var known = options.SelectMany(o => o.Aliases.Append(o.Name)).ToList();
        var meant = name.StartsWith("--", StringComparison.Ordinal)
            ? Suggestion.For(name, known.Where(k => k.StartsWith("--", StringComparison.Ordinal)))
            : known.FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? Suggestion.For(name, known);
        // Somebody wrote "--failed" and meant "--state failed". Only fixed words are compared: names would need a call to the coordinator.
        meant ??= options.Where(o => !named.ContainsKey(o))
            .SelectMany(o => o.GetCompletions(CompletionContext.Empty).Select(c => (Option: o.Name, Word: c.Label)))
            .Where(c => c.Word == name.TrimStart('-'))
            .Select(c => $"{c.Option} {c.Word}")
            .FirstOrDefault();
        return meant is not null ? $"did you mean {meant}?" : "";
    }

    private static string Command(Command command, string word)
    {
        List<string> commands = [.. command.Subcommands.Select(c => c.Name), .. command is RootCommand ? new[] { "help" } : []];
        if (Suggestion.For(word, commands) is { } meant)
        {
            return $"did you mean {meant}?";
        }

        return command is RootCommand ? "" : $"it has {string.Join(", ", commands)};";
    }

    // The parser takes an unknown option for an argument if one may follow. No name begins with a dash.
    private static string? OptionAsArgument(ParseResult parsed)
    {
        var afterEnd = parsed.Tokens.SkipWhile(t => t.Type != TokenType.DoubleDash).Select(t => t.Value).ToList();
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value)
            .FirstOrDefault(v => IsOption(v) && !afterEnd.Contains(v));
    }

    // It also takes an unknown option for the value of the option before it. Text that begins like an option is written as --note=--text.
    private static string? OptionAsValue(ParseResult parsed, IReadOnlyList<string> arguments) =>
        parsed.CommandResult.Children.OfType<OptionResult>().SelectMany(o => o.Tokens).Select(t => t.Value)
            .FirstOrDefault(
                v => IsOption(v) && char.IsAsciiLetter(v.TrimStart('-').FirstOrDefault()) && !v.Contains(' ') && arguments.Contains(v));

    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-';

    private static IEnumerable<Option> Options(CommandResult result)
    {
        foreach (var option in result.Command.Options)
        {
            yield return option;
        }

        for (var parent = result.Parent as CommandResult; parent is not null; parent = parent.Parent as CommandResult)
        {
            foreach (var option in parent.Command.Options.Where(o => o.Recursive))
            {
                yield return option;
            }
        }
    }

    private static List<(string What, string How)> Missing(ParseResult parsed, Command command, IReadOnlyDictionary<Symbol, NameKind> named)
    {
        var line = Line(parsed.CommandResult);
        List<(string What, string How)> missing = [];
        if (parsed.Errors.Any(e => e.Message.StartsWith("Required argument ", StringComparison.Ordinal)))
        {
            missing.AddRange(command.Arguments
                .Where(a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is null or { Tokens.Count: 0 })
                .Select(a => ($"{line} needs {a.Name.ToUpperInvariant()}: {Sentence(a.Description)}", HowToFind(a, named))));
        }

        missing.AddRange(command.Options
            .Where(o => o.Required && parsed.GetResult(o) is null or { Tokens.Count: 0 })
            .Select(o => ($"{line} needs {o.Name} {o.HelpName}: {Sentence(o.Description)}", "")));
        missing.AddRange(Options(parsed.CommandResult)
            .Where(o => !o.Required && o.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(o) is { Implicit: false, Tokens.Count: 0 })
            .Select(
                o => ($"{o.Name} needs {o.HelpName}: {Sentence(o.Description)}", named.TryGetValue(o, out var kind) ? Lists(kind) : "")));
        return missing;
    }

    private static string Sentence(string? description) =>
        description is not { Length: > 1 } text ? "" : char.IsUpper(text[1]) ? text : char.ToLowerInvariant(text[0]) + text[1..];

    private static string HowToFind(Argument argument, IReadOnlyDictionary<Symbol, NameKind> named) =>
        named.TryGetValue(argument, out var kind) ? Lists(kind) : argument.Name == "snapshot" ? "fleet snapshots lists them" : "";

    private static string Lists(NameKind kind) => $"{kind.Lister()} lists them";

    private static string Line(CommandResult result)
    {
        var words = new List<string>();
        for (var at = result; at is not null; at = at.Parent as CommandResult)
        {
            words.Insert(0, at.Command is RootCommand ? "fleet" : at.Command.Name);
        }

        return string.Join(' ', words);
    }
}
