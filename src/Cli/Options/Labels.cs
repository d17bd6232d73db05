using System.CommandLine;

namespace Fleet.Cli.Options;

/// <summary>Options that take labels as KEY=VALUE and may be given several times.</summary>
internal static class Labels
{
    public static Option<Dictionary<string, string>> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
        CustomParser = result =>
        {
            var labels = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var token in result.Tokens)
            {
                var split = token.Value.IndexOf('=', StringComparison.Ordinal);
                if (split <= 0)
                {
                    result.AddError($"{name} takes KEY=VALUE, not '{token.Value}'.");
                    continue;
                }

                labels[token.Value[..split]] = token.Value[(split + 1)..];
            }

            return labels;
        },
    };
}
