using System.CommandLine;
using System.CommandLine.Invocation;
using Fleet.Cli.Admin;
using Fleet.Cli.Outcomes;

namespace Fleet.Cli.CommandLine;

/// <summary><c>fleet --version</c>: the number alone, without the commit.</summary>
internal sealed class PrintVersion : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(VersionCommand.OfThisProgram);
        return ExitCode.Ok;
    }
}
