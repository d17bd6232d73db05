using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Restore;

/// <summary><c>fleet restore volume SNAPSHOT</c>: restores a whole LVM volume by merging a snapshot into it.</summary>
internal static class RestoreVolumeCommand
{
    public static Command Create(CommandActions actions)
    {
        var options = new RestoreOptions(actions);
        options.Snapshot.Description = "Full name of the snapshot, such as vg/home.fleet_nightly_20261120T205500Z.";
        var command = new FleetCommand(
            "volume",
            "Merges an LVM snapshot into its volume: what was written since is lost. The present state is kept as a snapshot first.",
            "fleet restore volume vg/home.fleet_nightly_20261120T205500Z --host web1",
            "fleet restore volume vg/home.fleet_nightly_20261120T205500Z --host web1 --yes --why \"the upgrade went wrong\"")
        {
            options.Snapshot,
        };
        options.AddTo(command);
        return actions.Online(command, invocation =>
        {
            var snapshot = invocation.Get(options.Snapshot)!;
            return RestoreFlow.RunAsync(
                invocation,
                options,
                new Fleet.Protocol.V1.Action { LvmRestore = new LvmRestoreAction { Snapshot = snapshot, DryRun = true } },
                planned => new Fleet.Protocol.V1.Action
                {
                    LvmRestore = new LvmRestoreAction { Snapshot = snapshot, Uuid = planned.LvmRestore?.Snapshot?.Uuid ?? "" },
                });
        });
    }
}
