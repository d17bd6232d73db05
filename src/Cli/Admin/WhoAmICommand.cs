using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Admin;

/// <summary><c>fleet whoami</c>.</summary>
internal static class WhoAmICommand
{
    public static Command Create(CommandActions actions) =>
        actions.Online(new FleetCommand("whoami", "Shows the credential in use and what it allows.", "fleet whoami"), async invocation =>
        {
            var me = await invocation.Connection.Admin.WhoAmIAsync(new WhoAmIRequest(), invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(me);
                return ExitCode.Ok;
            }

            invocation.Out.Facts(
                ("operator", new Cell(me.Name, Tone.Strong)),
                ("role", HumanText.Words(me.Role)),
                ("credential", $"{HumanText.Words(me.Credential)}, from {invocation.Connection.Credential.File}"),
                ("expires", HumanText.InstantAndAge(me.ExpiresAt, invocation.Environment.Time)),
                ("coordinator", invocation.Connection.Address.GetLeftPart(UriPartial.Authority)));
            return ExitCode.Ok;
        });
}
