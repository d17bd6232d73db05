using System.CommandLine;
using System.CommandLine.Completions;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Connection;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Completion;

/// <summary>Arguments and options that name a host, a policy or a run, completed from the coordinator when it answers at once.</summary>
internal static class Names
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Argument<string> HostArgument(CommandActions actions) =>
        Complete(new Argument<string>("host") { Description = "Name or id of a host." }, actions, HostNames);

    public static Argument<string> PolicyArgument(CommandActions actions) =>
        Complete(new Argument<string>("policy") { Description = "Name of a policy." }, actions, PolicyNames);

    public static Argument<string> RunArgument(CommandActions actions) =>
        Complete(new Argument<string>("run") { Description = "Id of a run, or its first 6 or more digits." }, actions, RunIds);

    public static Option<string[]> HostOption(CommandActions actions, string description) =>
        Complete(new Option<string[]>("--host") { Description = description, HelpName = "HOST", DefaultValueFactory = _ => [] }, actions, HostNames);

    public static Option<string?> SingleHostOption(CommandActions actions, string description)
    {
        var option = new Option<string?>("--host") { Description = description, HelpName = "HOST" };
        option.CompletionSources.Add(context => Ask(actions, context, HostNames));
        return option;
    }

    public static Option<string[]> PolicyOption(CommandActions actions, string description) =>
        Complete(new Option<string[]>("--policy") { Description = description, HelpName = "POLICY", DefaultValueFactory = _ => [] }, actions, PolicyNames);

    private static Argument<string> Complete(Argument<string> argument, CommandActions actions, Func<FleetConnection, IEnumerable<string>> names)
    {
        argument.CompletionSources.Add(context => Ask(actions, context, names));
        return argument;
    }

    private static Option<string[]> Complete(Option<string[]> option, CommandActions actions, Func<FleetConnection, IEnumerable<string>> names)
    {
        option.CompletionSources.Add(context => Ask(actions, context, names));
        return option;
    }

    private static IEnumerable<CompletionItem> Ask(CommandActions actions, CompletionContext context, Func<FleetConnection, IEnumerable<string>> names)
    {
        var parsed = context.ParseResult;
        var opened = FleetConnection.Open(actions.Environment, parsed.GetValue(actions.Options.Credential), parsed.GetValue(actions.Options.Address), parsed.GetValue(actions.Options.Timeout) ?? Patience, CancellationToken.None);
        if (!opened.Succeeded)
        {
            return [];
        }

        using var connection = opened.Value;
        try
        {
            return [.. names(connection)
                .Where(n => n.StartsWith(context.WordToComplete, StringComparison.Ordinal) && n.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'))
                .Select(n => new CompletionItem(n))];
        }
        catch (RpcException)
        {
            // A completion that cannot be had is none; the command itself will say why.
            return [];
        }
    }

    private static IEnumerable<string> HostNames(FleetConnection connection) =>
        connection.Fleet.ListHosts(new ListHostsRequest { PageSize = Paging.LargestPage }, connection.Unary).Hosts.Select(h => h.Name);

    private static IEnumerable<string> PolicyNames(FleetConnection connection) =>
        connection.Fleet.ListPolicies(new ListPoliciesRequest { PageSize = Paging.LargestPage }, connection.Unary).Policies.Select(p => p.Spec.Name);

    private static IEnumerable<string> RunIds(FleetConnection connection) =>
        connection.Fleet.ListRuns(new ListRunsRequest { PageSize = 30 }, connection.Unary).Runs.Select(r => r.RunId);
}
