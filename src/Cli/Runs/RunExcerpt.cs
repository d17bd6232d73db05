using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>
/// Shows why a run did not succeed, from its result: the details, then what the tool wrote to stderr. Standard output, such as rsync's
/// statistics, is shown only if there is nothing else.
/// </summary>
internal static class RunExcerpt
{
    /// <summary>Prints details and the end of the output, after an empty line.</summary>
    /// <param name="most">Most lines to print of each.</param>
    public static void Print(Invocation invocation, Run run, int most)
    {
        if (run.Result is not { } result)
        {
            return;
        }

        PrintDetails(invocation, result, most);
        PrintTail(invocation, run, most);
    }

    /// <summary>Prints nothing if there are no details.</summary>
    public static void PrintDetails(Invocation invocation, ActionResult result, int most = int.MaxValue)
    {
        if (result.Details.Count == 0)
        {
            return;
        }

        invocation.Out.Line("");
        var shown = Math.Min(result.Details.Count, most);
        foreach (var detail in result.Details.Take(shown))
        {
            invocation.Out.LogLine($"  {detail}");
        }

        if (Math.Max(result.DetailsTotal, result.Details.Count) - shown is var left and > 0)
        {
            invocation.Out.Line(new Cell($"  ... and {left} more", Tone.Quiet));
        }
    }

    /// <summary>Prints the last lines of output that the result carries.</summary>
    public static void PrintTail(Invocation invocation, Run run, int most = int.MaxValue)
    {
        if (run.Result is not { } result || Telling(run.State, result) is not { Count: > 0 } lines)
        {
            return;
        }

        invocation.Out.Line("");
        foreach (var line in lines.Skip(Math.Max(0, lines.Count - most)))
        {
            LogText.Print(invocation.Out, line, "  ");
        }
    }

    private static IReadOnlyList<LogLine> Telling(RunState state, ActionResult result)
    {
        if (state == RunState.Succeeded)
        {
            return result.LogTail;
        }

        var said = result.Details.ToHashSet();
        LogLine[] errors = [.. result.LogTail.Where(
            line => line.Stream != LogStream.Stdout && !said.Contains(line.Text) && line.Text.Length > 0)];
        return errors.Length > 0 || said.Count > 0 || result.Rsync is not null ? errors : result.LogTail;
    }
}
