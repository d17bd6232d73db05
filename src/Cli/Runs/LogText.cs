using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Prints log lines, with a mark on those that are not the tool's standard output.</summary>
internal static class LogText
{
    public static void Print(Printer output, LogLine line, string indentation = "")
    {
        var mark = line.Stream switch
        {
            LogStream.Stderr => "! ",
            LogStream.Agent => "# ",
            _ => "  ",
        };
        output.LogLine($"{indentation}{mark}{line.Text}{(line.Truncated ? " [cut]" : "")}");
    }
}
