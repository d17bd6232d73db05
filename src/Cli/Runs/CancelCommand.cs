using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary><c>fleet cancel RUN</c>.</summary>
internal static class CancelCommand
{
    public static Command Create(CommandActions actions)
    {
        var run = actions.Names.RunArgument();
        var reason = new Option<string>("--reason")
        {
            Description = "Reason, for the run's log and the audit log.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        var command = new FleetCommand("cancel", "Cancels a queued or running run. A running one ends when its agent has stopped it.",
            "fleet cancel 3f9c2a81d0b4 --reason 'wrong disk'")
        {
            run,
            reason,
        };
        return actions.Online(command, async invocation =>
        {
            var response = await invocation.Connection.Fleet.CancelRunAsync(
                new CancelRunRequest { RunId = invocation.Get(run), Reason = invocation.Get(reason) ?? "" }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(response);
            }
            else if (RunTable.IsFinished(response.Run.State))
            {
                invocation.Out.Line(
                    $"{RunTable.ShortId(response.Run.RunId)} on {response.Run.HostName} is ", RunTable.StateCell(response.Run), ".");
            }
            else
            {
                invocation.Out.Line(
                    $"{RunTable.ShortId(response.Run.RunId)} on {response.Run.HostName} has been asked to stop; it is still ",
                    RunTable.StateCell(response.Run),
                    ".");
            }

            return ExitCode.Ok;
        });
    }
}
