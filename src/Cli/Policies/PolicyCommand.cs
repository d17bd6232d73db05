using System.CommandLine;
using System.Globalization;
using Fleet.Cli.Actions;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Cli.Runs;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Policies;

/// <summary><c>fleet policy NAME</c>.</summary>
internal static class PolicyCommand
{
    public static Command Create(CommandActions actions, string name = "policy")
    {
        var policy = actions.Names.PolicyArgument();
        var command = new FleetCommand(name, "Shows one policy: what it does, and its state on each host.",
            $"fleet {(name == "policy" ? "policy" : "policies show")} nightly-home")
        {
            policy,
        };
        return actions.Online(command, async invocation =>
        {
            var found = await invocation.Connection.Fleet.GetPolicyAsync(
                new GetPolicyRequest { Name = invocation.Get(policy) }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(found);
            }
            else
            {
                Print(invocation, found);
            }

            return ExitCode.Ok;
        });
    }

    private static void Print(Invocation invocation, Policy policy)
    {
        var spec = policy.Spec;
        invocation.Out.Facts(
        [
            ("policy", new Cell(spec.Name, Tone.Strong)),
            ("description", spec.Description),
            ("what", ActionText.Describe(spec.Action)),
            .. ActionText.Of(spec.Action)?.PolicyFacts(spec.Action) ?? [],
            ("where", PolicyText.Target(spec)),
            ("when", PolicyText.Schedule(spec)),
            ("timeout", HumanText.Span(spec.Timeout)),
            ("must be fresher than", HumanText.Span(spec.Freshness)),
            ("attempts", spec.Retry is { MaxAttempts: > 0 } ? spec.Retry.MaxAttempts.ToString(CultureInfo.InvariantCulture) : ""),
            ("revision",
                $"{policy.Revision}, by {policy.UpdatedBy}, {HumanText.InstantAndAge(policy.UpdatedAt, invocation.Environment.Time)}"),
        ]);
        invocation.Out.Line("");
        if (policy.Hosts.Count == 0)
        {
            invocation.Out.Line(new Cell("It applies to no host.", Tone.Doubtful));
            return;
        }

        invocation.Out.Table(["HOST", "STATE", "SINCE", "LAST SUCCESS", "NEXT", "LAST RUN"], policy.Hosts.Select(h => (Cell[])
        [
            h.HostName,
            PolicyText.StateCell(h.State),
            HumanText.Relative(h.Since, invocation.Now),
            h.LastSuccessAt is null ? "never" : HumanText.Relative(h.LastSuccessAt, invocation.Now),
            HumanText.Relative(h.NextAt, invocation.Now),
            RunTable.ShortId(h.LastRunId),
        ]));
    }
}
