using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Naming;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Policies;

/// <summary><c>fleet delete POLICY</c>.</summary>
internal static class DeleteCommand
{
    public static Command Create(CommandActions actions)
    {
        var policy = actions.Names.PolicyArgument();
        var command = new FleetCommand(
            "delete",
            "Deletes a policy. Its queued runs expire, running ones continue, and what it backed up stays.",
            "fleet delete nightly-home")
        {
            policy,
        };
        return actions.Online(command, async invocation =>
        {
            var name = invocation.Get(policy);
            var response = await invocation.Connection.Fleet.DeletePolicyAsync(
                new DeletePolicyRequest { Name = name }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(response);
            }
            else
            {
                await PrintAsync(invocation, name, response);
            }

            return ExitCode.Ok;
        });
    }

    private static async Task PrintAsync(Invocation invocation, string name, DeletePolicyResponse response)
    {
        if (!response.Deleted)
        {
            var meant = await invocation.NearNames.MeantAsync(NameKind.Policy, name);
            invocation.Out.Line($"There is no policy {name}; nothing was changed{(meant.Length > 0 ? $": {meant}" : ".")}");
            return;
        }

        var expired = response.ExpiredRuns > 0 ? $"; {HumanText.Count(response.ExpiredRuns, "queued run")} expired" : "";
        invocation.Out.Line($"{name} is deleted{expired}.");
        if (response.RunningRuns > 0)
        {
            var verb = response.RunningRuns == 1 ? "continues" : "continue";
            var running = $"{HumanText.Count(response.RunningRuns, "run")} {verb} to the end";
            invocation.Out.Line(
                new Cell($"{running}: fleet runs --policy {name} --state running; to stop one: fleet cancel RUN", Tone.Doubtful));
        }

        foreach (var sentence in response.Remains)
        {
            invocation.Out.Line(sentence);
        }
    }
}
