using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Hosts;

/// <summary><c>fleet host remove NAME</c>: asks first, because it cannot be undone.</summary>
internal static class HostRemoveCommand
{
    public static Command Create(CommandActions actions)
    {
        var host = actions.Names.HostArgument();
        var reason = new Option<string>("--reason")
        {
            Description = "Reason, for the audit log.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new FleetCommand("remove", "Revokes a host's identity at once. Its runs and events stay.",
            "fleet host remove web1 --reason 'sold'")
        {
            host,
            reason,
            yes,
        };
        return actions.Online(command, async invocation =>
        {
            var name = invocation.Get(host);
            if (!invocation.Get(yes) && await RefuseAsync(invocation, name) is { } refusal)
            {
                return invocation.Fail(refusal);
            }

            var response = await invocation.Connection.Admin.RemoveHostAsync(
                new RemoveHostRequest { Host = name, Reason = invocation.Get(reason) ?? "" }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(response);
            }
            else
            {
                invocation.Out.Line($"{name} is removed; its id {response.HostId} will not be used again.");
            }

            return ExitCode.Ok;
        });
    }

    private static async Task<CliFailure?> RefuseAsync(Invocation invocation, string name)
    {
        if (!invocation.Environment.InputIsTerminal)
        {
            return new CliFailure(ExitCode.Refused, $"removing {name} cannot be undone, and there is no terminal to ask on", "add --yes");
        }

        invocation.Out.Note($"This revokes the identity of {name} at once and cannot be undone. Type its name to continue:");
        using var input = new StreamReader(invocation.Environment.OpenInput());
        var typed = await input.ReadLineAsync(invocation.Cancellation);
        return typed == name ? null : new CliFailure(ExitCode.Refused, "not confirmed: nothing was changed");
    }
}
