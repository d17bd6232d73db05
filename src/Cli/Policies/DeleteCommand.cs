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
            "Deletes a policy. Queued runs of it expire, running ones go on, and what it backed up stays.",
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

        var expired = response.ExpiredRuns > 0 ? $"; {HumanText.Count(response.ExpiredRuns, "queued run")} of it expired" : "";
        invocation.Out.Line($"{name} is deleted{expired}.");
        if (response.RunningRuns > 0)
        {
            var goOn = $"{HumanText.Count(response.RunningRuns, "run")} of it {(response.RunningRuns == 1 ? "goes" : "go")} on to the end";
            invocation.Out.Line(
                new Cell($"{goOn}: fleet runs --policy {name} --state running; to stop one: fleet cancel RUN", Tone.Doubtful));
        }

        foreach (var sentence in response.Remains)
        {
            invocation.Out.Line(sentence);
        }
    }
}
