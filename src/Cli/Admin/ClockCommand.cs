using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Admin;

/// <summary><c>fleet clock accept --why TEXT</c>: a person states that the coordinator's clock is right after it jumped.</summary>
internal static class ClockCommand
{
    public static Command Create(CommandActions actions) => new FleetCommand(
        "clock",
        "The coordinator's clock. For a host's clock: fleet retention accept-clock.",
        "fleet clock accept --why \"the BIOS battery is new, chrony agrees\"")
    {
        CreateAccept(actions),
    };

    private static FleetCommand CreateAccept(CommandActions actions)
    {
        var why = new Option<string>("--why")
        {
            Description = "How you know that the clock is right: at most 256 characters. Kept in the audit log.",
            HelpName = "TEXT",
            Required = true,
        };
        var command = new FleetCommand(
            "accept",
            "Accepts the coordinator's clock after it jumped ahead, so that old records expire again. Check the clock first.",
            "fleet clock accept --why \"it was off for a month\"")
        {
            why,
        };
        return actions.Online(command, async invocation =>
        {
            var response = await invocation.Connection.Admin.AcceptClockAsync(
                new AcceptClockRequest { Note = invocation.Get(why)! }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(response);
            }
            else
            {
                var now = HumanText.Instant(response.Now, invocation.Environment.Time);
                invocation.Out.Line(
                    $"{(response.Accepted ? "The clock is accepted" : "Nothing to accept: the clock is trusted")}. It says {now}.");
            }

            return ExitCode.Ok;
        });
    }
}
