using System.CommandLine;

namespace Fleet.Cli.Commands;

/// <summary>A command with examples for its help.</summary>
internal sealed class FleetCommand(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Complete command lines, to be copied.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}
