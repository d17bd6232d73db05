using System.CommandLine;
using System.CommandLine.Completions;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Connection;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Completion;

/// <summary>
/// Arguments and options that name a host, a policy, a run, a token or an operator: completed from the coordinator when it answers at once, and
/// compared with what it knows when it has none of that name.
/// </summary>
internal static class Names
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Argument<string> HostArgument(CommandActions actions) =>
        Named(new Argument<string>("host") { Description = "Name or id of a host." }, actions, NameKind.Host);

    public static Argument<string> PolicyArgument(CommandActions actions) =>
        Named(new Argument<string>("policy") { Description = "Name of a policy." }, actions, NameKind.Policy);

    public static Argument<string> RunArgument(CommandActions actions) =>
        Named(
            new Argument<string>("run")
            {
                Description = "Id of a run, or its first 6 or more digits.",
                CustomParser = static result => Id(result.Tokens[0].Value),
            },
            actions,
            NameKind.Run);

    public static Argument<string> TokenArgument(CommandActions actions) =>
        Named(new Argument<string>("token") { Description = "Id of the token, as fleet token list shows it." }, actions, NameKind.Token);

    public static Argument<string> OperatorArgument(CommandActions actions) =>
        Named(new Argument<string>("name") { Description = "Name of the operator." }, actions, NameKind.Operator);

    public static Option<string[]> HostOption(CommandActions actions, string description) =>
        Named(
            new Option<string[]>("--host") { Description = description, HelpName = "HOST", DefaultValueFactory = _ => [] },
            actions,
            NameKind.Host);

    public static Option<string?> SingleHostOption(CommandActions actions, string description) =>
        Named(new Option<string?>("--host") { Description = description, HelpName = "HOST" }, actions, NameKind.Host);

    public static Option<string[]> PolicyOption(CommandActions actions, string description) =>
        Named(
            new Option<string[]>("--policy") { Description = description, HelpName = "POLICY", DefaultValueFactory = _ => [] },
            actions,
            NameKind.Policy);

    public static Option<string?> SinglePolicyOption(CommandActions actions, string description) =>
        Named(new Option<string?>("--policy") { Description = description, HelpName = "POLICY" }, actions, NameKind.Policy);

    /// <summary>The newest thousand, as the coordinator knows them now.</summary>
    /// <exception cref="RpcException">It does not answer.</exception>
    public static async Task<IReadOnlyList<string>> KnownAsync(FleetConnection connection, NameKind kind)
    {
        const int Most = Paging.LargestPage;
        var (fleet, admin, unary) = (connection.Fleet, connection.Admin, connection.Unary);
        return kind switch
        {
            NameKind.Host => [.. (await fleet.ListHostsAsync(new ListHostsRequest { PageSize = Most }, unary)).Hosts.Select(h => h.Name)],
            NameKind.Policy =>
                [.. (await fleet.ListPoliciesAsync(new ListPoliciesRequest { PageSize = Most }, unary)).Policies.Select(p => p.Spec.Name)],
            NameKind.Run => [.. (await fleet.ListRunsAsync(new ListRunsRequest { PageSize = Most }, unary)).Runs.Select(r => r.RunId)],
            NameKind.Token =>
                [.. (await admin.ListJoinTokensAsync(new ListJoinTokensRequest { PageSize = Most }, unary)).Tokens.Select(t => t.TokenId)],
            _ => [.. (await admin.ListOperatorsAsync(new ListOperatorsRequest { PageSize = Most }, unary)).Operators.Select(o => o.Name)],
        };
    }

    // Some programs print digits in upper case.
    private static string Id(string text) => text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : text;

    private static Argument<string> Named(Argument<string> argument, CommandActions actions, NameKind kind)
    {
        // Otherwise help lists everything that can be completed, and asks the coordinator for it.
        argument.HelpName = argument.Name;
        actions.Named[argument] = kind;
        argument.CompletionSources.Add(context => Ask(actions, context, kind));
        return argument;
    }

    private static Option<T> Named<T>(Option<T> option, CommandActions actions, NameKind kind)
    {
        actions.Named[option] = kind;
        option.CompletionSources.Add(context => Ask(actions, context, kind));
        return option;
    }

    private static IEnumerable<CompletionItem> Ask(CommandActions actions, CompletionContext context, NameKind kind)
    {
        var parsed = context.ParseResult;
        var opened = FleetConnection.Open(
            actions.Environment,
            parsed.GetValue(actions.Options.Credential),
            parsed.GetValue(actions.Options.Address),
            parsed.GetValue(actions.Options.Timeout) ?? Patience,
            CancellationToken.None);
        if (!opened.Succeeded)
        {
            return [];
        }

        using var connection = opened.Value;
        try
        {
            // A shell waits for this process anyway.
            return [.. Offered(connection, kind)
                .Where(n => n.StartsWith(context.WordToComplete, StringComparison.Ordinal) && n.All(
                    c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '@'))
                .Select(n => new CompletionItem(n))];
        }
        catch (RpcException)
        {
            // A completion that cannot be had is none; the command itself will say why.
            return [];
        }
    }

    // Nobody chooses among more runs than these.
    private static IEnumerable<string> Offered(FleetConnection connection, NameKind kind) => kind == NameKind.Run
        ? connection.Fleet.ListRuns(new ListRunsRequest { PageSize = 30 }, connection.Unary).Runs.Select(r => r.RunId)
        : KnownAsync(connection, kind).GetAwaiter().GetResult();
}
