using System.CommandLine;
using System.CommandLine.Parsing;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Yaml;
using Grpc.Core;

namespace Fleet.Cli.Naming;

/// <summary>Finds which host, policy or run was probably meant when the coordinator does not know the given name.</summary>
internal sealed class NearNames(FleetConnection connection, ParseResult parsed, IReadOnlyDictionary<Symbol, NameKind> kinds)
{
    private const int LeastDigits = 6;

    /// <summary>With fewer digits, one of a thousand runs is always similar.</summary>
    private const int LeastDigitsToCompare = 8;

    /// <summary>The failure; if a guess is possible, what was probably meant comes first in what to do.</summary>
    public async Task<CliFailure> ExplainAsync(CliFailure failure)
    {
        foreach (var (kind, name) in Given())
        {
            if (await MeantAsync(kind, name) is { Length: > 0 } meant)
            {
                // If the value is not an id, the coordinator's message is about its field.
                var message = kind == NameKind.Run && !IsRunId(name) ? $"there is no run {name}" : failure.Message;
                return failure with { Message = message, WhatToDo = $"{meant} {failure.WhatToDo}".TrimEnd() };
            }
        }

        return failure;
    }

    /// <summary>Notes for an empty list which name was probably meant. A filter by an unknown name is not an error.</summary>
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

    /// <summary><c>Did you mean web1?</c>; empty if the name is known or nothing is similar.</summary>
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
            // The failure is reported without a suggestion.
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
        // People type the beginning of an id, so it is compared with the same number of digits of each.
        var beginnings = known.Where(k => k.Length >= id.Length).Select(k => k[..id.Length]).Distinct().ToList();
        return id.Length < LeastDigitsToCompare || beginnings.Contains(id) ? "" : Meant(id, beginnings);
    }

    private static string Meant(string name, IReadOnlyList<string> known) =>
        Suggestion.For(name, known) is { } meant ? $"did you mean {meant}?" : "";
}
