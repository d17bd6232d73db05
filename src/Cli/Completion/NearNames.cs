using System.CommandLine.Parsing;
using Fleet.Cli.CommandLine;
using Fleet.Yaml;
using Grpc.Core;

namespace Fleet.Cli.Completion;

/// <summary>Which host, policy or run was probably meant, when the coordinator knows none of the name that was given.</summary>
internal static class NearNames
{
    private const int LeastDigits = 6;

    /// <summary>With fewer, among a thousand runs there is always one that is like it.</summary>
    private const int LeastDigitsToCompare = 8;

    /// <summary>The failure, with a word about what was meant before what to do, where that can be told.</summary>
    public static async Task<CliFailure> ExplainAsync(Invocation invocation, IReadOnlyDictionary<System.CommandLine.Symbol, NameKind> named, CliFailure failure)
    {
        foreach (var result in invocation.Parsed.CommandResult.Children)
        {
            var symbol = result switch
            {
                ArgumentResult argument => (System.CommandLine.Symbol)argument.Argument,
                OptionResult option => option.Option,
                _ => null,
            };
            if (symbol is null || !named.TryGetValue(symbol, out var kind))
            {
                continue;
            }

            foreach (var token in result.Tokens)
            {
                if (await MeantAsync(invocation, kind, token.Value) is { Length: > 0 } meant)
                {
                    return failure with { WhatToDo = $"{meant} {failure.WhatToDo}".TrimEnd() };
                }
            }
        }

        return failure;
    }

    /// <summary><c>Did you mean web1?</c>; empty when the name is known, or nothing is like it.</summary>
    public static async Task<string> MeantAsync(Invocation invocation, NameKind kind, string name)
    {
        try
        {
            var known = await Names.KnownAsync(invocation.Connection, kind);
            if (kind == NameKind.Run)
            {
                return await RunMeantAsync(invocation, name, known);
            }

            return known.Contains(name) || Suggestion.For(name, known) is not { } meant ? "" : $"did you mean {meant}?";
        }
        catch (RpcException)
        {
            // The failure that is being explained stands without this.
            return "";
        }
    }

    private static async Task<string> RunMeantAsync(Invocation invocation, string name, IReadOnlyList<string> known)
    {
        if (name.Length < LeastDigits || !name.All(char.IsAsciiHexDigit))
        {
            return (await Names.KnownAsync(invocation.Connection, NameKind.Policy)).Contains(name)
                ? $"{name} is a policy; its runs: fleet runs --policy {name}."
                : "a run is named by its id or the first 6 or more of its digits.";
        }

        // People type the beginning: it is compared with as much of each.
        var beginnings = known.Where(id => id.Length >= name.Length).Select(id => id[..name.Length]).Distinct().ToList();
        return name.Length < LeastDigitsToCompare || beginnings.Contains(name) || Suggestion.For(name, beginnings) is not { } meant
            ? ""
            : $"did you mean {meant}?";
    }
}
