using System.CommandLine;
using Fleet.Cli.Commands;

namespace Fleet.Cli.Retention;

/// <summary><c>fleet retention</c>: which copies stay and which go.</summary>
internal static class RetentionCommand
{
    public static Command Create(CommandActions actions) => new FleetCommand(
        "retention", "Which copies stay and which go.", "fleet retention explain thin-data")
    {
        ExplainCommand.Create(actions),
        AcceptClockCommand.Create(actions),
    };
}
