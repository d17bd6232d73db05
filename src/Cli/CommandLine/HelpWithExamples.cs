using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;

namespace Fleet.Cli.CommandLine;

/// <summary>The library's help, followed by a command's examples and, for the root, the exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        // A parent command's arguments do not apply here: nobody can type "fleet run <policy> show <run>".
        foreach (var argument in (parseResult.CommandResult.Parent as CommandResult)?.Command.Arguments ?? [])
        {
            argument.Hidden = true;
        }

        help.Invoke(parseResult);
        if (command is FleetCommand { Examples.Count: > 0 } fleet)
        {
            output.WriteLine("Examples:");
            foreach (var example in fleet.Examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        if (command is RootCommand)
        {
            output.WriteLine("Exit codes:");
            foreach (var (code, meaning) in ExitCode.All)
            {
                output.WriteLine($"  {code,3}  {meaning}");
            }

            output.WriteLine();
        }

        return ExitCode.Ok;
    }
}
