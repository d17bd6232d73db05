using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Hosts;

/// <summary><c>fleet hosts</c>.</summary>
internal static class HostsCommand
{
    public static Command Create(CommandActions actions)
    {
        var labels = Labels.Option("--label", "Only hosts with this label. May be given several times: all must match.");
        var state = new Option<string?>("--state") { Description = "Only hosts in this state.", HelpName = "online|offline|never-seen" };
        state.TakesOnly("online", "offline", "never-seen");
        var command = new FleetCommand("hosts", "Lists all hosts, with their state.",
            "fleet hosts",
            "fleet hosts --state offline",
            "fleet hosts --label role=web --json")
        {
            labels,
            state,
        };
        return actions.Online(command, async invocation =>
        {
            var request = new ListHostsRequest
            {
                State = invocation.Get(state) switch
                {
                    "online" => HostState.Online,
                    "offline" => HostState.Offline,
                    "never-seen" => HostState.NeverSeen,
                    _ => HostState.Unspecified,
                },
            };
            request.MatchLabels.Add(invocation.Get(labels) ?? []);
            var hosts = await ListAsync(invocation, request);
            if (invocation.Json)
            {
                invocation.Out.Message(new ListHostsResponse { Hosts = { hosts } });
                return ExitCode.Ok;
            }

            if (hosts.Count == 0)
            {
                invocation.Out.Line("No hosts. Enrol one: fleet token create, then fleet-agent enroll ADDRESS TOKEN on the host.");
                return ExitCode.Ok;
            }

            invocation.Out.Table(
                ["HOST", "STATE", "LAST SEEN", "RUNS", "AGENT", "SYSTEM", "LABELS"],
                hosts.Select(h => Row(h, invocation.Now)));
            return ExitCode.Ok;
        });
    }

    public static Task<List<Host>> ListAsync(Invocation invocation, ListHostsRequest request) =>
        Paging.AllAsync<Host>(async (size, token) =>
        {
            var page = request.Clone();
            page.PageSize = size;
            page.PageToken = token;
            var response = await invocation.Connection.Fleet.ListHostsAsync(page, invocation.Connection.Unary);
            return (response.Hosts, response.NextPageToken);
        });

    public static Cell StateCell(Host host) => host switch
    {
        { StateError.Length: > 0 } => new Cell($"{HumanText.Words(host.State)}, state error", Tone.Bad),
        { State: HostState.Online } => new Cell("online", Tone.Good),
        { State: HostState.Offline } => new Cell("offline", Tone.Bad),
        _ => new Cell(HumanText.Words(host.State), Tone.Doubtful),
    };

    private static Cell[] Row(Host host, DateTimeOffset now) =>
    [
        host.Name,
        StateCell(host),
        host.State == HostState.Online ? "now" : HumanText.Relative(host.LastSeenAt, now),
        host.RunsQueued > 0 ? $"{host.RunsRunning} (+{host.RunsQueued} queued)" : host.RunsRunning,
        host.AgentVersion,
        host.Facts?.OperatingSystem ?? "",
        HumanText.Labels(host.Labels),
    ];
}
