namespace Fleet.Agent;

/// <summary>The words after the program's name, taken apart. Options may stand anywhere and be written --a b or --a=b.</summary>
internal sealed class CommandLine
{
    private readonly List<string> _words = [];
    private readonly Dictionary<string, List<string>> _values = [];
    private readonly HashSet<string> _flags = [];

    private CommandLine()
    {
    }

    /// <summary>The verb; "run" when there is none.</summary>
    public string Verb { get; private set; } = "run";

    /// <summary>What is neither verb nor option.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <param name="problem">What is wrong; empty if there is nothing.</param>
    public static CommandLine Parse(string[] arguments, out string problem)
    {
        var line = new CommandLine();
        problem = "";
        var verbSeen = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            var word = arguments[i];
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = word.StartsWith("--", StringComparison.Ordinal) && equals > 0 ? word[..equals] : word;
            if (name is "--config" or "--name" or "--label" or "--policy" or "--state" or "--action" or "--since" or "--until" or "--limit")
            {
                if (equals < 0 && i + 1 == arguments.Length)
                {
                    problem = $"{name} needs a value";
                    return line;
                }

                var value = equals > 0 ? word[(equals + 1)..] : arguments[++i];
                (line._values.TryGetValue(name, out var values) ? values : line._values[name] = []).Add(value);
            }
            else if (name is "--force" or "--json" or "--help" or "-h" or "--version")
            {
                line._flags.Add(name == "-h" ? "--help" : name);
            }
            else if (word.StartsWith('-') && word.Length > 1)
            {
                problem = $"unknown option {Logging.LogText.Escape(word)}";
                return line;
            }
            else if (!verbSeen)
            {
                (line.Verb, verbSeen) = (word, true);
            }
            else
            {
                line._words.Add(word);
            }
        }

        return line;
    }

    public bool Has(string flag) => _flags.Contains(flag);

    /// <summary>The last one given. Null if there is none.</summary>
    public string? Value(string option) => _values.TryGetValue(option, out var values) ? values[^1] : null;

    public IReadOnlyList<string> Values(string option) => _values.TryGetValue(option, out var values) ? values : [];
}
