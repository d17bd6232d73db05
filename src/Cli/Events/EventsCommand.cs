using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Events;

/// <summary><c>fleet events [-f]</c>: shows past events and, with -f, new ones as they happen.</summary>
internal static class EventsCommand
{
    private const int DefaultTail = 50;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static Command Create(CommandActions actions)
    {
        var follow = new Option<bool>("--follow", "-f")
        {
            Description = "Keep following, across lost connections, without a gap or a duplicate.",
        };
        var after = Counts.Option(
            "--after", "Begin after the event with this sequence number. 0 begins with the oldest event that is kept.", 0, long.MaxValue);
        var tail = Counts.Option(
            "--tail", "-n", $"Without --after: begin with the fleet's last N events. Default {DefaultTail}.", 0, 1_000_000);
        var types = new Option<string[]>("--type")
        {
            Description = "Only events of this type; 'run.*' means the whole family. May be given several times.",
            HelpName = "TYPE",
            DefaultValueFactory = _ => [],
        };
        var hosts = actions.Names.HostOption("Only events of this host. May be given several times.");
        var policies = actions.Names.PolicyOption("Only events of this policy. May be given several times.");
        var command = new FleetCommand("events", $"Shows what happened, oldest first. Without --after: the last {DefaultTail} events.",
            "fleet events -f",
            "fleet events --after 0 --type 'run.*' --host web1",
            "fleet events -f --json | jq -r 'select(.severity==\"EVENT_SEVERITY_ERROR\") | .message'")
        {
            follow,
            after,
            tail,
            types,
            hosts,
            policies,
        };
        return actions.Online(command, async invocation =>
        {
            var request = new SubscribeRequest
            {
                ReplayOnly = !invocation.Get(follow),
                HeartbeatInterval = Duration.FromTimeSpan(Heartbeat),
                AfterSequence = invocation.Get(after) ?? await TailAsync(invocation, invocation.Get(tail) ?? DefaultTail),
            };
            request.Types_.Add(invocation.Get(types)!);
            request.Hosts.Add(invocation.Get(hosts)!);
            request.Policies.Add(invocation.Get(policies)!);
            var follower = new EventFollower(invocation);
            await follower.FollowAsync(request);
            if (follower.Printed == 0 && !invocation.Json)
            {
                invocation.Out.Note("No such events. --after 0 begins with the oldest that is kept.");
                await invocation.NearNames.NoteAsync(invocation.Out);
            }

            return ExitCode.Ok;
        });
    }

    private static async Task<long> TailAsync(Invocation invocation, long tail)
    {
        var status = await invocation.Connection.Fleet.GetStatusAsync(new GetStatusRequest(), invocation.Connection.Unary);
        return Math.Max(0, status.LastEventSequence - tail);
    }
}
