using System.CommandLine;
using System.Globalization;
using Fleet.Actions;
using Fleet.Cli.Actions;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary><c>fleet run show RUN</c> and <c>fleet runs show RUN</c>.</summary>
internal static class RunShowCommand
{
    public static Command Create(CommandActions actions, string words)
    {
        var run = actions.Names.RunArgument();
        var all = new Option<bool>("--all")
        {
            Description = $"List everything that would be deleted, not only the first {PlanText.FirstDeletions}.",
        };
        var command = new FleetCommand("show", "Shows one run: what it did, how it ended, and the end of its output.",
            $"fleet {words} 3f9c2a81d0b4")
        {
            run,
            all,
        };
        return actions.Online(command, async invocation =>
        {
            var found = await invocation.Connection.Fleet.GetRunAsync(
                new GetRunRequest { RunId = invocation.Get(run) }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(found);
            }
            else
            {
                Print(invocation, found, invocation.Get(all));
            }

            return ExitCode.Ok;
        });
    }

    private static void Print(Invocation invocation, Run run, bool all)
    {
        var time = invocation.Environment.Time;
        var result = run.Result ?? new ActionResult();
        invocation.Out.Facts(
        [
            ("run", new Cell(run.RunId, Tone.Strong)),
            ("policy", run.Policy.Length > 0 ? $"{run.Policy} (revision {run.PolicyRevision})" : "none"),
            ("host", run.HostName),
            ("state", RunTable.StateCell(run)),
            ("result", result.Message),
            ("waits for", run.WaitingFor),
            ("progress", run.Progress is null || RunTable.IsFinished(run.State) ? "" : RunTable.Progress(run.Progress)),
            ("refused by", result.RefusedBy),
            ("what", ActionText.Describe(run.Action)),
            ("started by",
                run.RequestedBy.Length > 0 ? $"{run.RequestedBy} ({HumanText.Words(run.Trigger)})" : HumanText.Words(run.Trigger)),
            ("note", run.Note),
            ("scheduled", HumanText.InstantAndAge(run.ScheduledAt, time)),
            ("started", HumanText.InstantAndAge(run.StartedAt, time)),
            ("finished", HumanText.InstantAndAge(run.FinishedAt, time)),
            ("took", RunTable.Took(run, invocation.Now)),
            ("attempt", run.Attempt == 0 ? "" : run.Attempt.ToString(CultureInfo.InvariantCulture)),
            ("exit code", result.HasExitCode ? result.ExitCode.ToString(CultureInfo.InvariantCulture) : ""),
            ("signal", result.HasSignal ? result.Signal.ToString(CultureInfo.InvariantCulture) : ""),
            ("CPU time", HumanText.Span(result.CpuTime)),
            ("memory", result.MaxResidentBytes > 0 ? HumanText.Bytes(result.MaxResidentBytes) : ""),
            ("trace", run.TraceId),
            .. ActionText.All.SelectMany(action => action.ResultFacts(result, run.Action?.IsDryRun == true)),
        ]);

        foreach (var action in ActionText.All)
        {
            action.PrintResult(invocation, result);
        }

        PlanText.Print(invocation, run, all);
        RunExcerpt.PrintDetails(invocation, result);
        RunExcerpt.PrintTail(invocation, run);
    }
}
