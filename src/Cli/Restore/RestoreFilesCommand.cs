using System.CommandLine;
using System.Globalization;
using Fleet.Cli.Commands;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Cli.Restore;

/// <summary><c>fleet restore files SNAPSHOT PATH --to DEST</c>: restores a file or folder from a snapshot.</summary>
internal static class RestoreFilesCommand
{
    public static Command Create(CommandActions actions)
    {
        var options = new RestoreOptions(actions);
        options.Snapshot.Description = "Full name: tank/data@monday (ZFS), vg/home.monday (LVM), or the path of a dated tree.";
        var path = new Argument<string>("path") { Description = "File or folder inside the snapshot; / for everything." };
        var to = new Option<string>("--to")
        {
            Description = "Absolute path on the host. The content of a folder is copied into it.",
            HelpName = "DEST",
            Required = true,
        };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace files that differ. Nothing is ever deleted." };
        var command = new FleetCommand("files", "Restores a file or folder from a snapshot to a path on the same host.",
            "fleet restore files tank/data@fleet_nightly_20261120T205500Z home/anna --to /srv/restore/anna --host nas",
            "fleet restore files vg/home.fleet_nightly_20261120T205500Z etc/fstab --to /srv/restore/fstab --host web1 --yes",
            "fleet restore files /mnt/backup/web1/fleet_nightly_20261120T205500Z / --to /srv/restore/web1 --host nas --overwrite")
        {
            options.Snapshot,
            path,
            to,
            overwrite,
        };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(options.Snapshot) is { } snapshot
                && !snapshot.Contains('/', StringComparison.Ordinal)
                && !snapshot.Contains('@', StringComparison.Ordinal))
            {
                result.AddError($"'{snapshot}' is not the full name of a snapshot, such as tank/data@monday, vg/home.monday or "
                    + "/mnt/backup/fleet_nightly_20261120T205500Z.");
            }

            if (result.GetValue(to) is { } destination && !destination.StartsWith('/'))
            {
                result.AddError("--to takes an absolute path on the host.");
            }
        });
        return actions.Online(command, invocation =>
        {
            var action = Of(invocation.Get(options.Snapshot)!);
            action.Path = ByteString.CopyFromUtf8(invocation.Get(path)!);
            action.Destination = ByteString.CopyFromUtf8(invocation.Get(to)!);
            action.Overwrite = invocation.Get(overwrite);
            action.DryRun = true;
            return RestoreFlow.RunAsync(
                invocation, options, new Fleet.Protocol.V1.Action { RestoreFiles = action }, planned => Decided(action, planned));
        });
    }

    private static RestoreFilesAction Of(string snapshot) =>
        snapshot.StartsWith('/') ? new RestoreFilesAction { Tree = ByteString.CopyFromUtf8(snapshot) }
        : snapshot.Contains('@', StringComparison.Ordinal) ? new RestoreFilesAction { Zfs = new ZfsSnapshotRef { Name = snapshot } }
        : new RestoreFilesAction { Lvm = new LvmSnapshotRef { Name = snapshot } };

    private static Fleet.Protocol.V1.Action Decided(RestoreFilesAction plan, ActionResult planned)
    {
        var action = plan.Clone();
        action.DryRun = false;
        var identity = planned.RestoreFiles?.Identity ?? "";
        if (action.Zfs is { } zfs && ulong.TryParse(identity, NumberStyles.None, CultureInfo.InvariantCulture, out var guid))
        {
            zfs.Guid = guid;
        }

        if (action.Lvm is { } lvm)
        {
            lvm.Uuid = identity;
        }

        return new Fleet.Protocol.V1.Action { RestoreFiles = action };
    }
}
