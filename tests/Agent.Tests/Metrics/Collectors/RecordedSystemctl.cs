using System.Text;
using Fleet.Agent.Metrics.Collectors;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Metrics.Collectors;

/// <summary>Prints what systemctl printed in a booted machine: this one has no systemd.</summary>
internal sealed class RecordedSystemctl : IToolRunner
{
    public string Text { get; set; } = File.ReadAllText(Recorded.File("systemctl-252-show.txt"));

    public int ExitCode { get; set; }

    public int Calls { get; private set; }

    public static UnitStates Read(string file)
    {
        var states = new UnitStates();
        Print(File.ReadAllText(file), states);
        states.EndOfBlock();
        return states;
    }

    public string? Find(string tool) => "/usr/bin/" + tool;

    public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        Calls++;
        Print(Text, output);
        return Task.FromResult(new ToolResult { Name = request.Program, End = ToolEnd.Exited, ExitCode = ExitCode });
    }

    private static void Print(string text, IToolOutput output)
    {
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            output.OnLine(LogStream.Stdout, Encoding.UTF8.GetBytes(line), LineEnd.NewLine, truncated: false);
        }
    }
}
