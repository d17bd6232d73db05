using System.CommandLine;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Completion;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Policies;

/// <summary><c>fleet delete POLICY</c>.</summary>
internal static class DeleteCommand
{
    public static Command Create(CommandActions actions)
    {
        var policy = Names.PolicyArgument(actions);
        var command = new FleetCommand("delete", "Deletes a policy. Queued runs of it expire, running ones go on, and what it backed up stays.",
            "fleet delete nightly-home")
        {
            policy,
        };
        return actions.Online(command, async invocation =>
        {
            var name = invocation.Get(policy);
            var response = await invocation.Connection.Fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = name }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(response);
            }
            else
            {
                invocation.Out.Line(response.Deleted
                    ? $"{name} is deleted; {Humane.Count(response.ExpiredRuns, "queued run")} of it expired."
                    : $"There is no policy {name}; nothing was changed.");
            }

            return ExitCode.Ok;
        });
    }
}
