using System.CommandLine;
using Fleet.Cli.Actions;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Policies;

/// <summary><c>fleet policies</c>, and <c>fleet policies show NAME</c>, which is <c>fleet policy NAME</c>.</summary>
internal static class PoliciesCommand
{
    public static Command Create(CommandActions actions)
    {
        var command = new FleetCommand("policies", "Lists all policies, with their state.",
            "fleet policies",
            "fleet policies show nightly-home")
        {
            PolicyCommand.Create(actions, "show"),
        };
        return actions.Online(command, async invocation =>
        {
            var policies = await ListAsync(invocation);
            if (invocation.Json)
            {
                invocation.Out.Message(new ListPoliciesResponse { Policies = { policies } });
                return ExitCode.Ok;
            }

            if (policies.Count == 0)
            {
                invocation.Out.Line("No policies. Write one and apply it: fleet apply -f FILE");
                return ExitCode.Ok;
            }

            invocation.Out.Table(
                ["POLICY", "WHEN", "HOSTS", "STATE", "LAST SUCCESS", "NEXT", "WHAT"],
                policies.Select(p => Row(p, invocation.Now)));
            return ExitCode.Ok;
        });
    }

    public static Task<List<Policy>> ListAsync(Invocation invocation) =>
        Paging.AllAsync<Policy>(async (size, token) =>
        {
            var response = await invocation.Connection.Fleet.ListPoliciesAsync(
                new ListPoliciesRequest { PageSize = size, PageToken = token }, invocation.Connection.Unary);
            return (response.Policies, response.NextPageToken);
        });

    private static Cell[] Row(Policy policy, DateTimeOffset now) =>
    [
        policy.Spec.Name,
        PolicyText.Schedule(policy.Spec),
        policy.Hosts.Count,
        State(policy),
        policy.Hosts.Count > 0 && policy.Hosts.All(h => h.LastSuccessAt is not null)
            ? HumanText.Relative(policy.Hosts.Select(h => h.LastSuccessAt).MinBy(Order), now)
            : policy.Hosts.Count == 1 ? "never" : "",
        HumanText.Relative(policy.Hosts.Select(h => h.NextAt).Where(n => n is not null).MinBy(Order), now),
        ActionText.Describe(policy.Spec.Action),
    ];

    private static DateTimeOffset Order(Timestamp at) => WireTime.InstantOf(at) ?? default;

    private static Cell State(Policy policy)
    {
        if (policy.Hosts.Count == 0)
        {
            return new Cell("matches no host", Tone.Doubtful);
        }

        var groups = policy.Hosts.GroupBy(h => h.State).OrderByDescending(g => Badness(g.Key)).ToList();
        var worst = PolicyText.StateCell(groups[0].Key);
        return groups.Count == 1
            ? worst
            : worst with { Text = string.Join(", ", groups.Select(g => $"{g.Count()} {HumanText.Words(g.Key)}")) };
    }

    private static int Badness(ProtectionState state) => state switch
    {
        ProtectionState.Failing => 5,
        ProtectionState.Stale => 4,
        ProtectionState.NeverRan => 3,
        ProtectionState.Pending => 2,
        ProtectionState.Paused => 1,
        ProtectionState.Ok => 0,
        _ => 6,
    };
}
