using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Prints each log line of one run once, in order, and notes where some are missing.</summary>
internal sealed class LogPrinter(Invocation invocation)
{
    /// <summary>The attempt of the last line, 0 before the first.</summary>
    public int Attempt { get; private set; }

    /// <summary>The number of the last line of that attempt.</summary>
    public long Number { get; private set; }

    /// <summary>Marks a line as printed.</summary>
    public void Skip(LogLine line) => (Attempt, Number) = IsNew(line) ? (line.Attempt, line.Number) : (Attempt, Number);

    public void Print(LogLine line)
    {
        if (!IsNew(line))
        {
            return;
        }

        if (!invocation.Json)
        {
            if (line.Attempt != Attempt && line.Attempt > 1)
            {
                invocation.Out.LogLine($"# attempt {line.Attempt}");
            }

            var missing = line.Number - 1 - (line.Attempt == Attempt ? Number : 0);
            if (missing > 0)
            {
                invocation.Out.LogLine($"# {HumanText.Count(missing, "line")} left out");
            }
        }

        (Attempt, Number) = (line.Attempt, line.Number);
        if (invocation.Json)
        {
            invocation.Out.Message(line);
        }
        else
        {
            LogText.Print(invocation.Out, line);
        }
    }

    private bool IsNew(LogLine line) => line.Attempt > Attempt || (line.Attempt == Attempt && line.Number > Number);
}
