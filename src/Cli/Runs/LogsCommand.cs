using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary><c>fleet logs RUN [-f]</c>.</summary>
internal static class LogsCommand
{
    public static Command Create(CommandActions actions)
    {
        var run = actions.Names.RunArgument();
        var follow = new Option<bool>("--follow", "-f")
        {
            Description = "Follow until the run is finished. Exits with 1 if it did not succeed.",
        };
        var tail = Counts.Option("--tail", "-n", "Only its last N lines.", 0, int.MaxValue);
        var command = new FleetCommand("logs", "Shows what a run printed. \"!\" marks the tool's error output, \"#\" the agent's lines.",
            "fleet logs 3f9c2a81d0b4",
            "fleet logs -n 20 -f 3f9c2a81d0b4")
        {
            run,
            follow,
            tail,
        };
        return actions.Online(command, async invocation =>
        {
            var found = await invocation.Connection.Fleet.GetRunAsync(
                new GetRunRequest { RunId = invocation.Get(run) }, invocation.Connection.Unary);
            var printer = new LogPrinter(invocation);
            await PrintKeptAsync(invocation, found, printer, invocation.Get(tail));
            if (!invocation.Get(follow))
            {
                return ExitCode.Ok;
            }

            var end = RunTable.IsFinished(found.State) ? found : await LogFollowing.FollowAsync(invocation, found, printer);
            if (!invocation.Json)
            {
                invocation.Out.Note($"{RunTable.ShortId(end.RunId)} on {end.HostName} "
                    + $"{RunTable.StateCell(end).Text}{(RunTable.Summary(end) is { Length: > 0 } summary ? $": {summary}" : "")}");
            }

            return end.State == RunState.Succeeded ? ExitCode.Ok : ExitCode.NotWell;
        });
    }

    private static async Task PrintKeptAsync(Invocation invocation, Run run, LogPrinter printer, long? tail)
    {
        var last = new Queue<LogLine>();
        var token = "";
        var omitted = 0L;
        do
        {
            var page = await invocation.Connection.Fleet.ListRunLogAsync(
                new ListRunLogRequest { RunId = run.RunId, PageSize = Paging.LargestPage, PageToken = token }, invocation.Connection.Unary);
            foreach (var line in page.Lines)
            {
                last.Enqueue(line);
                if (last.Count > tail)
                {
                    printer.Skip(last.Dequeue());
                }
            }

            // The whole log is printed as it arrives.
            while (tail is null && last.TryDequeue(out var line))
            {
                printer.Print(line);
            }

            omitted = page.OmittedLines;
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        foreach (var line in last)
        {
            printer.Print(line);
        }

        if (omitted > 0)
        {
            invocation.Out.Note($"{HumanText.Count(omitted, "line")} of this run are not kept: the size of a run's log is limited");
        }
    }
}
