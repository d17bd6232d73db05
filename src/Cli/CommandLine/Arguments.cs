using Fleet.Cli.Outcomes;

namespace Fleet.Cli.CommandLine;

/// <summary>Prepares the command line for the parser: words that other tools use become our own first.</summary>
internal static class Arguments
{
    private const string EndOfOptions = "--";

    /// <summary>Options of every command that take a value; the value is not one of the command's words.</summary>
    private static readonly string[] WithValue = ["--address", "--credential", "--timeout"];

    public static Outcome<List<string>> InOurWords(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0)
        {
            return Same(["--help"]);
        }

        // "[suggest:7]": a shell asks for completions of a line that is not finished.
        if (arguments[0].StartsWith('['))
        {
            return Same(arguments);
        }

        var before = Before(arguments);
        var words = arguments.Skip(before).TakeWhile(a => !a.StartsWith('-')).ToList();
        var rest = arguments.Skip(before + words.Count).ToList();
        if (words is ["help", ..])
        {
            return Same([.. words.Skip(1), "--help"]);
        }

        if (Habits.Find(words) is { } habit)
        {
            if (habit.IsAnswered)
            {
                return new CliFailure(ExitCode.Refused, $"fleet has no command '{string.Join(' ', words)}'", habit.Answer);
            }

            words = [.. habit.Translate(words)];
        }

        // In operator create, --output FILE is where the credential is written.
        var output = words is ["operator", "create", ..] ? Same(rest) : OutputFormat(rest);
        return output.Succeeded ? Same([.. arguments.Take(before), .. words, .. output.Value]) : output;
    }

    /// <summary>The number of arguments before the command's first word.</summary>
    private static int Before(IReadOnlyList<string> arguments)
    {
        var i = 0;
        while (i < arguments.Count && arguments[i].StartsWith('-') && arguments[i] != EndOfOptions)
        {
            i += WithValue.Contains(arguments[i]) ? 2 : 1;
        }

        return Math.Min(i, arguments.Count);
    }

    /// <summary><c>-o json</c>, <c>-ojson</c>, <c>--output=json</c> and <c>--format json</c> mean <c>--json</c>.</summary>
    private static Outcome<List<string>> OutputFormat(List<string> options)
    {
        var ours = new List<string>();
        for (var i = 0; i < options.Count; i++)
        {
            if (options[i] == EndOfOptions)
            {
                return Same([.. ours, .. options.Skip(i)]);
            }

            string? format = null;
            foreach (var name in new[] { "-o", "--output", "--format" })
            {
                if (options[i] == name)
                {
                    format = i + 1 < options.Count ? options[++i] : "";
                }
                else if (options[i].StartsWith(name + "=", StringComparison.Ordinal))
                {
                    format = options[i][(name.Length + 1)..];
                }
                else if (name == "-o" && options[i].StartsWith("-o", StringComparison.Ordinal))
                {
                    format = options[i]["-o".Length..];
                }

                if (format is not null)
                {
                    break;
                }
            }

            if (format is not (null or "json"))
            {
                return new CliFailure(ExitCode.Refused, $"there is no output format '{format}'", "--json prints JSON; without it, tables");
            }

            ours.Add(format is null ? options[i] : "--json");
        }

        return ours;
    }

    private static Outcome<List<string>> Same(IEnumerable<string> arguments) => arguments.ToList();
}
