using System.CommandLine;
using System.CommandLine.Parsing;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Yaml;
using Grpc.Core;

namespace Fleet.Cli.Naming;

/// <summary>Which host, policy or run was probably meant, when the coordinator knows none of the name that was given.</summary>
internal sealed class NearNames(FleetConnection connection, ParseResult parsed, IReadOnlyDictionary<Symbol, NameKind> kinds)
{
    private const int LeastDigits = 6;

    /// <summary>With fewer, among a thousand runs there is always one that is like it.</summary>
    private const int LeastDigitsToCompare = 8;

    /// <summary>The failure, with a word about what was meant before what to do, where that can be told.</summary>
    public async Task<CliFailure> ExplainAsync(CliFailure failure)
    {
        foreach (var (kind, name) in Given())
        {
            if (await MeantAsync(kind, name) is { Length: > 0 } meant)
            {
                // The coordinator speaks of its field where it is no id.
                var message = kind == NameKind.Run && !IsRunId(name) ? $"{name} names no run" : failure.Message;
                return failure with { Message = message, WhatToDo = $"{meant} {failure.WhatToDo}".TrimEnd() };
            }
        }

        return failure;
    }

    /// <summary>For lists that are empty, since a name to look for that nothing has is no error: which name was meant.</summary>
    public async Task NoteAsync(Printer output)
    {
        foreach (var (kind, name) in Given())
        {
            if (await MeantAsync(kind, name) is { Length: > 0 } meant)
            {
                output.Note($"{name}: {meant}");
            }
        }
    }

    /// <summary><c>Did you mean web1?</c>; empty when the name is known, or nothing is like it.</summary>
    public async Task<string> MeantAsync(NameKind kind, string name)
    {
        try
        {
            if (kind == NameKind.Run && !IsRunId(name))
            {
                return (await Names.KnownAsync(connection, NameKind.Policy)).Contains(name)
                    ? $"{name} is a policy; its runs: fleet runs --policy {name}."
                    : "a run is named by its id or the first 6 or more of its digits.";
            }

            var known = await Names.KnownAsync(connection, kind);
            return kind == NameKind.Run
                ? RunMeant(name, known)
                : known.Contains(name) ? "" : await OtherMeantAsync(kind, name, known);
        }
        catch (RpcException)
        {
            // The failure that is being explained stands without this.
            return "";
        }
    }

    private async Task<string> OtherMeantAsync(NameKind kind, string name, IReadOnlyList<string> known)
    {
        if (Meant(name, known) is { Length: > 0 } meant)
        {
            return meant;
        }

        var isAPolicy = kind == NameKind.Host && (await Names.KnownAsync(connection, NameKind.Policy)).Contains(name);
        var isAHost = kind == NameKind.Policy && (await Names.KnownAsync(connection, NameKind.Host)).Contains(name);
        return isAPolicy
            ? $"{name} is a policy: fleet policy {name}."
            : isAHost ? $"{name} is a host: fleet host {name} shows its policies." : "";
    }

    private IEnumerable<(NameKind Kind, string Name)> Given() =>
        from result in parsed.CommandResult.Children
        let symbol = result switch
        {
            ArgumentResult argument => (Symbol)argument.Argument,
            OptionResult option => option.Option,
            _ => null,
        }
        where symbol is not null && kinds.ContainsKey(symbol)
        from token in result.Tokens
        select (kinds[symbol], token.Value);

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
