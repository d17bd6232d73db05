using System.CommandLine;
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
    public static async Task<CliFailure> ExplainAsync(
        Invocation invocation, IReadOnlyDictionary<Symbol, NameKind> named, CliFailure failure)
    {
        foreach (var (kind, name) in Given(invocation, named))
        {
            if (await MeantAsync(invocation, kind, name) is { Length: > 0 } meant)
            {
                // The coordinator speaks of its field where it is no id.
                var message = kind == NameKind.Run && !IsRunId(name) ? $"{name} names no run" : failure.Message;
                return failure with { Message = message, WhatToDo = $"{meant} {failure.WhatToDo}".TrimEnd() };
            }
        }

        return failure;
    }

    /// <summary>For lists that are empty, since a name to look for that nothing has is no error: which name was meant.</summary>
    public static async Task NoteAsync(Invocation invocation, IReadOnlyDictionary<Symbol, NameKind> named)
    {
        foreach (var (kind, name) in Given(invocation, named))
        {
            if (await MeantAsync(invocation, kind, name) is { Length: > 0 } meant)
            {
                invocation.Out.Note($"{name}: {meant}");
            }
        }
    }

    /// <summary><c>Did you mean web1?</c>; empty when the name is known, or nothing is like it.</summary>
    public static async Task<string> MeantAsync(Invocation invocation, NameKind kind, string name)
    {
        try
        {
            if (kind == NameKind.Run && !IsRunId(name))
            {
                return (await Names.KnownAsync(invocation.Connection, NameKind.Policy)).Contains(name)
                    ? $"{name} is a policy; its runs: fleet runs --policy {name}."
                    : "a run is named by its id or the first 6 or more of its digits.";
            }

            var known = await Names.KnownAsync(invocation.Connection, kind);
            return kind == NameKind.Run
                ? RunMeant(name, known)
                : known.Contains(name) ? "" : await OtherMeantAsync(invocation, kind, name, known);
        }
        catch (RpcException)
        {
            // The failure that is being explained stands without this.
            return "";
        }
    }

    private static async Task<string> OtherMeantAsync(Invocation invocation, NameKind kind, string name, IReadOnlyList<string> known)
    {
        if (Meant(name, known) is { Length: > 0 } meant)
        {
            return meant;
        }

        var isAPolicy = kind == NameKind.Host && (await Names.KnownAsync(invocation.Connection, NameKind.Policy)).Contains(name);
        var isAHost = kind == NameKind.Policy && (await Names.KnownAsync(invocation.Connection, NameKind.Host)).Contains(name);
        return isAPolicy
            ? $"{name} is a policy: fleet policy {name}."
            : isAHost ? $"{name} is a host: fleet host {name} shows its policies." : "";
    }

    private static IEnumerable<(NameKind Kind, string Name)> Given(Invocation invocation, IReadOnlyDictionary<Symbol, NameKind> named) =>
        from result in invocation.Parsed.CommandResult.Children
        let symbol = result switch
        {
            ArgumentResult argument => (Symbol)argument.Argument,
            OptionResult option => option.Option,
            _ => null,
        }
        where symbol is not null && named.ContainsKey(symbol)
        from token in result.Tokens
        select (named[symbol], token.Value);

    private static bool IsRunId(string name) => name.Length >= LeastDigits && name.All(char.IsAsciiHexDigitLower);

    private static string RunMeant(string id, IReadOnlyList<string> known)
    {
        // People type the beginning: it is compared with as much of each.
        var beginnings = known.Where(k => k.Length >= id.Length).Select(k => k[..id.Length]).Distinct().ToList();
        return id.Length < LeastDigitsToCompare || beginnings.Contains(id) ? "" : Meant(id, beginnings);
    }

    private static string Meant(string name, IReadOnlyList<string> known) =>
        Suggestion.For(name, known) is { } meant ? $"did you mean {meant}?" : "";
}
