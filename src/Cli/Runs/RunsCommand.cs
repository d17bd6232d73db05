using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Runs;

/// <summary><c>fleet runs</c>, and <c>fleet runs show RUN</c>.</summary>
internal static class RunsCommand
{
    private static readonly Dictionary<string, RunState> States = System.Enum.GetValues<RunState>()
        .Where(s => s != RunState.Unspecified)
        .ToDictionary(s => HumanText.Words(s).Replace(' ', '-'));

    public static Command Create(CommandActions actions)
    {
        var policy = actions.Names.SinglePolicyOption("Only runs of this policy.");
        var host = actions.Names.SingleHostOption("Only runs on this host.");
        var states = new Option<string[]>("--state")
        {
            Description = $"Only runs in this state: {string.Join(", ", States.Keys)}. May be given several times: any of them.",
            HelpName = "STATE",
            DefaultValueFactory = _ => [],
        };
        states.TakesOnly([.. States.Keys]);
        var since = Durations.Option("--since", "Only runs scheduled within this time.", TimeSpan.Zero, TimeSpan.FromDays(3_660));
        var limit = Counts.Option("--limit", "-n", "At most the N newest. Default 50.", 1, 100_000);
        var command = new FleetCommand("runs", "Lists runs, newest first.",
            "fleet runs --state failed --since 7d",
            "fleet runs --policy nightly-home --host web1 --json",
            "fleet runs show 3f9c2a81d0b4")
        {
            policy,
            host,
            states,
            since,
            limit,
            RunShowCommand.Create(actions, "runs show"),
        };
        return actions.Online(command, async invocation =>
        {
            var request = new ListRunsRequest { Policy = invocation.Get(policy) ?? "", Host = invocation.Get(host) ?? "" };
            request.States.Add(invocation.Get(states)!.Select(s => States[s]));
            if (invocation.Get(since) is { } age)
            {
                request.Since = Timestamp.FromDateTimeOffset(invocation.Now - age);
            }

            var runs = await ListAsync(invocation, request, (int)(invocation.Get(limit) ?? 50));
            if (invocation.Json)
            {
                invocation.Out.Message(new ListRunsResponse { Runs = { runs } });
            }
            else if (runs.Count == 0)
            {
                invocation.Out.Line("No such runs.");
                await invocation.NearNames.NoteAsync(invocation.Out);
            }
            else
            {
                RunTable.Print(invocation, runs);
            }

            return ExitCode.Ok;
        });
    }

    public static Task<List<Run>> ListAsync(Invocation invocation, ListRunsRequest request, int limit) =>
        Paging.AllAsync<Run>(async (size, token) =>
        {
            var page = request.Clone();
            page.PageSize = size;
            page.PageToken = token;
            var response = await invocation.Connection.Fleet.ListRunsAsync(page, invocation.Connection.Unary);
            return (response.Runs, response.NextPageToken);
        }, limit);
}
