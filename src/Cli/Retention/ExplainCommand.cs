using System.CommandLine;
using Fleet.Cli.Actions;
using Fleet.Cli.Commands;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Cli.Runs;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Retention;

/// <summary>
/// <c>fleet retention explain POLICY</c>: shows for every copy whether it is kept or destroyed, and the rules that decide. It asks the
/// agents for a dry run, so this is the plan that they would carry out.
/// </summary>
internal static class ExplainCommand
{
    public static Command Create(CommandActions actions)
    {
        var policy = actions.Names.PolicyArgument();
        var hosts = actions.Names.HostOption(
            "Only on this host. May be given several times. Default: every host that the policy applies to.");
        var at = Instants.Option("--at", "Explain what a run at this time would do, such as 2026-12-31T23:00Z. Without a zone: UTC.");
        var command = new FleetCommand(
            "explain",
            "Shows for every copy whether it is kept or destroyed, and the rules that decide: the plan that a run of the policy would "
                + "carry out.",
            "fleet retention explain thin-data",
            "fleet retention explain thin-data --host nas --at 2026-12-31T23:00Z")
        {
            policy,
            hosts,
            at,
        };
        return actions.Online(command, async invocation =>
        {
            var name = invocation.Get(policy)!;
            var known = await invocation.Connection.Fleet.GetPolicyAsync(new GetPolicyRequest { Name = name }, invocation.Connection.Unary);
            if (known.Spec.Action is not ({ ZfsPrune: not null } or { LvmPrune: not null }))
            {
                return invocation.Fail(
                    new CliFailure(
                        ExitCode.Refused,
                        $"{name} destroys nothing, so there is no retention to explain: that is for zfs_prune and lvm_prune",
                        $"what a run of it would do: fleet run {name} --dry-run"));
            }

            var request = new StartRunRequest
            {
                Policy = name,
                RequestId = Guid.NewGuid().ToString(),
                DryRun = true,
                AssumedNow = invocation.Get(at) is { } time ? Timestamp.FromDateTimeOffset(time) : null,
            };
            request.Hosts.Add(invocation.Get(hosts)!);
            var started = await invocation.Connection.Fleet.StartRunAsync(request, invocation.Connection.Unary);
            if (started.Runs.Count == 0)
            {
                return invocation.Fail(StartedRuns.NoHost(name));
            }

            var ended = new ListRunsResponse();
            foreach (var run in started.Runs)
            {
                ended.Runs.Add(await RunFollowing.EndOfAsync(invocation, run.RunId));
            }

            if (invocation.Json)
            {
                invocation.Out.Message(ended);
            }
            else
            {
                Print(invocation, ended.Runs);
            }

            return ended.Runs.All(r => r.State == RunState.Succeeded) ? ExitCode.Ok : ExitCode.NotWell;
        });
    }

    private static void Print(Invocation invocation, IReadOnlyList<Run> runs)
    {
        foreach (var run in runs)
        {
            var result = run.Result ?? new ActionResult();
            invocation.Out.Line(new Cell(
                $"{run.HostName}: {(result.Message.Length > 0 ? result.Message : HumanText.Words(run.State))}",
                run.State == RunState.Succeeded ? Tone.Strong : Tone.Bad));
            if (ExplainedPlan.Of(result) is not { Decisions.Count: > 0 } plan)
            {
                continue;
            }

            RetentionTable.Print(invocation, plan);
            PlanText.PrintConfirmation(invocation, run);
            invocation.Out.Line("");
        }
    }
}
