using System.CommandLine;
using System.CommandLine.Parsing;
using Fleet.Yaml;

namespace Fleet.Cli.Options;

/// <summary>Options and arguments that take one of a few words.</summary>
internal static class Choices
{
    public static void TakesOnly<T>(this Option<T> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result => Check(result, option.Name, result.Tokens, words));
    }

    public static void TakesOnly<T>(this Argument<T> argument, params string[] words)
    {
        argument.CompletionSources.Add(words);
        argument.Validators.Add(result => Check(result, argument.Name.ToUpperInvariant(), result.Tokens, words));
    }

    private static void Check(SymbolResult result, string name, IReadOnlyList<Token> tokens, string[] words)
    {
        foreach (var token in tokens.Where(t => !words.Contains(t.Value)))
        {
            var meant = Suggestion.For(token.Value, words) is { } word ? $" Did you mean {word}?" : "";
            result.AddError($"{name} takes {string.Join(", ", words[..^1])} or {words[^1]}, not '{token.Value}'.{meant}");
        }
    }
}
