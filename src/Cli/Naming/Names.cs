using System.CommandLine;
using System.CommandLine.Completions;
using Fleet.Cli.Connection;
using Fleet.Cli.Options;
using Fleet.Cli.ProcessEnvironment;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Naming;

/// <summary>
/// Arguments and options that name a host, a policy, a run, a token or an operator. Completions come from the coordinator if it answers
/// at once. If the coordinator does not know a name, <see cref="NearNames"/> looks for similar ones.
/// </summary>
internal sealed class Names(CliEnvironment environment, GlobalOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Dictionary<Symbol, NameKind> _kinds = [];

    /// <summary>The kind of thing that each symbol names.</summary>
    public IReadOnlyDictionary<Symbol, NameKind> Kinds => _kinds;

    public Argument<string> HostArgument() =>
        Named(new Argument<string>("host") { Description = "Name or id of a host." }, NameKind.Host);

    public Argument<string> PolicyArgument() =>
        Named(new Argument<string>("policy") { Description = "Name of a policy." }, NameKind.Policy);

    public Argument<string> RunArgument() =>
        Named(
            new Argument<string>("run")
            {
                Description = "Id of a run, or its first 6 or more digits.",
                CustomParser = static result => Id(result.Tokens[0].Value),
            },
            NameKind.Run);

    public Argument<string> TokenArgument() =>
        Named(new Argument<string>("token") { Description = "Id of the token, as fleet token list shows it." }, NameKind.Token);

    public Argument<string> OperatorArgument() =>
        Named(new Argument<string>("name") { Description = "Name of the operator." }, NameKind.Operator);

    public Option<string[]> HostOption(string description) =>
        Named(
            new Option<string[]>("--host") { Description = description, HelpName = "HOST", DefaultValueFactory = _ => [] },
            NameKind.Host);

    public Option<string?> SingleHostOption(string description) =>
        Named(new Option<string?>("--host") { Description = description, HelpName = "HOST" }, NameKind.Host);

    public Option<string[]> PolicyOption(string description) =>
        Named(
            new Option<string[]>("--policy") { Description = description, HelpName = "POLICY", DefaultValueFactory = _ => [] },
            NameKind.Policy);

    public Option<string?> SinglePolicyOption(string description) =>
        Named(new Option<string?>("--policy") { Description = description, HelpName = "POLICY" }, NameKind.Policy);

    /// <summary>Up to a thousand names that the coordinator knows now, the newest first.</summary>
    /// <exception cref="RpcException">The coordinator does not answer.</exception>
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

    // Some programs print hexadecimal digits in upper case.
    private static string Id(string text) => text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : text;

    private Argument<string> Named(Argument<string> argument, NameKind kind)
    {
        // Otherwise, help would list every possible completion and ask the coordinator for it.
        argument.HelpName = argument.Name;
        _kinds[argument] = kind;
        argument.CompletionSources.Add(context => Ask(context, kind));
        return argument;
    }

    private Option<T> Named<T>(Option<T> option, NameKind kind)
    {
        _kinds[option] = kind;
        option.CompletionSources.Add(context => Ask(context, kind));
        return option;
    }

    private IEnumerable<CompletionItem> Ask(CompletionContext context, NameKind kind)
    {
        var parsed = context.ParseResult;
        var opened = FleetConnection.Open(
            environment,
            parsed.GetValue(options.Credential),
            parsed.GetValue(options.Address),
            parsed.GetValue(options.Timeout) ?? Patience,
            CancellationToken.None);
        if (!opened.Succeeded)
        {
            return [];
        }

        using var connection = opened.Value;
        try
        {
            // Blocking is fine: the shell waits for this process anyway.
            return [.. Offered(connection, kind)
                .Where(n => n.StartsWith(context.WordToComplete, StringComparison.Ordinal) && n.All(
                    c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '@'))
                .Select(n => new CompletionItem(n))];
        }
        catch (RpcException)
        {
            // Offer nothing if the coordinator cannot be asked; the command itself will say why.
            return [];
        }
    }

    // Nobody chooses from more runs than this.
    private static IEnumerable<string> Offered(FleetConnection connection, NameKind kind) => kind == NameKind.Run
        ? connection.Fleet.ListRuns(new ListRunsRequest { PageSize = 30 }, connection.Unary).Runs.Select(r => r.RunId)
        : KnownAsync(connection, kind).GetAwaiter().GetResult();
}
