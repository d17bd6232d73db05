using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Hosts;

/// <summary><c>fleet host clear-duplicate NAME</c>: states that the second machine with this identity is gone.</summary>
internal static class HostClearDuplicateCommand
{
    public static Command Create(CommandActions actions)
    {
        var host = actions.Names.HostArgument();
        var why = new Option<string>("--why")
        {
            Description = "What you did: at most 256 characters. Kept in the events and the audit log.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        var command = new FleetCommand(
            "clear-duplicate",
            "States that the second machine with a host's identity is gone. If it comes back, status reports it again.",
            "fleet host clear-duplicate web1 --why 'the clone has an identity of its own'")
        {
            host,
            why,
        };
        return actions.Online(command, async invocation =>
        {
            var name = invocation.Get(host);
            var response = await invocation.Connection.Fleet.ClearDuplicateIdentityAsync(
                new ClearDuplicateIdentityRequest { Host = name, Note = invocation.Get(why) ?? "" }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(response);
            }
            else
            {
                invocation.Out.Line(
                    response.Cleared
                        ? $"Cleared for {name}: {response.Detail}."
                        : $"There is nothing to clear: no second machine with the identity of {name} is known.");
            }

            return ExitCode.Ok;
        });
    }
}
