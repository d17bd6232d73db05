using System.CommandLine;
using Fleet.Cli.Commands;

namespace Fleet.Cli.Restore;

/// <summary>The argument and options that every restore has.</summary>
internal sealed class RestoreOptions(CommandActions actions)
{
    public Argument<string> Snapshot { get; } = new("snapshot")
    {
        Description = "Full name of the snapshot, such as tank/data@monday or vg/home.monday.",
    };

    public Option<string?> Host { get; } = actions.Names.SingleHostOption("The host that has it. Not needed if only one host has it.");

    public Option<string?> Why { get; } = new("--why")
    {
        Description = "Why, for people: at most 256 characters. Kept with the run and in the audit log.",
        HelpName = "TEXT",
    };

    public Option<bool> Yes { get; } = new("--yes", "-y") { Description = "Do not ask: show the plan and carry it out." };

    public void AddTo(Command command)
    {
        command.Add(Host);
        command.Add(Why);
        command.Add(Yes);
    }
}
