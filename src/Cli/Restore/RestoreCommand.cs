using System.CommandLine;
using Fleet.Cli.Commands;

namespace Fleet.Cli.Restore;

/// <summary><c>fleet restore</c>: brings back the content of a snapshot.</summary>
internal static class RestoreCommand
{
    public static Command Create(CommandActions actions) =>
        new FleetCommand("restore", "Brings back what a snapshot holds. Shows the plan first, and asks.",
            "fleet restore files tank/data@fleet_nightly_20261120T205500Z home/anna --to /srv/restore/anna --host nas",
            "fleet restore dataset tank/data@fleet_nightly_20261120T205500Z --to tank/restored",
            "fleet restore volume vg/home.fleet_nightly_20261120T205500Z --host web1")
        {
            RestoreFilesCommand.Create(actions),
            RestoreDatasetCommand.Create(actions),
            RestoreVolumeCommand.Create(actions),
        };
}
