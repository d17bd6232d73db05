using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Runs;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Retention;

/// <summary><c>fleet retention accept-clock HOST --why TEXT</c>: a person states that a clock is right after it jumped.</summary>
internal static class AcceptClockCommand
{
    public static Command Create(CommandActions actions)
    {
        var host = actions.Names.HostArgument();
        var why = new Option<string>("--why")
        {
            Description = "How you know that the clock is right: at most 256 characters. Kept with the run and in the audit log.",
            HelpName = "TEXT",
            Required = true,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what the clock was, what it is and how far it jumped." };
        var noFollow = new Option<bool>("--no-follow") { Description = "Do not wait for the end." };
        var command = new FleetCommand(
            "accept-clock",
            "Accepts the clock of a host after it jumped, so that its retention continues. Check the clock first.",
            "fleet retention accept-clock nas --why \"its battery was empty, chrony has set it\"")
        {
            host,
            why,
            dryRun,
            noFollow,
        };
        return actions.Online(command, async invocation =>
        {
            var run = await invocation.Connection.Fleet.StartActionAsync(
                new StartActionRequest
                {
                    Host = invocation.Get(host)!,
                    Action = new Fleet.Protocol.V1.Action { ClockAccept = new ClockAcceptAction { DryRun = invocation.Get(dryRun) } },
                    Note = invocation.Get(why)!,
                    RequestId = Guid.NewGuid().ToString(),
                },
                invocation.Connection.Unary);
            return await StartedRuns.FinishAsync(invocation, [run], invocation.Get(noFollow));
        });
    }
}
