using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Runs;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Snapshots;

/// <summary><c>fleet snapshot NAME...</c>: makes snapshots that belong to no policy, so no policy's retention destroys them.</summary>
internal static class SnapshotCommand
{
    public static Command Create(CommandActions actions)
    {
        var names = new Argument<string[]>("name")
        {
            Description = "Datasets such as tank/data, or volumes such as vg/home.",
            Arity = ArgumentArity.OneOrMore,
        };
        var host = actions.Names.SingleHostOption("The host that has them. Not needed if only one host has them.");
        var recursive = new Option<bool>("--recursive", "-r") { Description = "ZFS: also everything below the datasets." };
        var lvm = new Option<bool>("--lvm") { Description = "The names are LVM volumes." };
        var zfs = new Option<bool>("--zfs") { Description = "The names are ZFS datasets." };
        var size = new Option<long?>("--size")
        {
            Description = "LVM: how much of a volume that is not thin may be overwritten before its snapshot is lost, such as 10GiB.",
            HelpName = "SIZE",
            CustomParser = result =>
            {
                if (!SizeText.TryParse(result.Tokens[0].Value, out var bytes) || bytes < 1)
                {
                    result.AddError($"--size takes a size such as 512MiB or 10GiB, not '{result.Tokens[0].Value}'.");
                }

                return bytes;
            },
        };
        var note = new Option<string?>("--note") { Description = "Why, for people: at most 256 characters.", HelpName = "TEXT" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would be made." };
        var noFollow = new Option<bool>("--no-follow") { Description = "Do not wait for the end." };
        var command = new FleetCommand(
            "snapshot",
            "Makes snapshots now, without a policy. Retention never destroys them: remove them yourself.",
            "fleet snapshot tank/data --host nas --recursive --note \"before the upgrade\"",
            "fleet snapshot vg/home --host web1 --lvm")
        {
            names,
            host,
            recursive,
            zfs,
            lvm,
            size,
            note,
            dryRun,
            noFollow,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(lvm) && (result.GetValue(zfs) || result.GetValue(recursive)))
            {
                result.AddError("--lvm cannot be combined with --zfs or --recursive.");
            }

            if ((result.GetValue(zfs) || result.GetValue(recursive)) && result.GetResult(size) is not null)
            {
                result.AddError("--size is for LVM volumes.");
            }
        });
        return actions.Online(command, async invocation =>
        {
            bool? isLvm = invocation.Get(lvm) || invocation.Get(size) is not null
                ? true
                : invocation.Get(zfs) || invocation.Get(recursive) ? false : null;
            var (found, failure) = await SnapshotPlace.FindAsync(invocation, invocation.Get(names), invocation.Get(host), isLvm);
            if (found is not { } place)
            {
                return invocation.Fail(failure!);
            }

            var run = await invocation.Connection.Fleet.StartActionAsync(
                new StartActionRequest
                {
                    Host = place.Host,
                    Action = place.IsLvm
                        ? new Fleet.Protocol.V1.Action
                        {
                            LvmSnapshot = new LvmSnapshotAction
                            {
                                Volumes = { invocation.Get(names) },
                                ClassicSizeBytes = invocation.Get(size) ?? 0,
                                DryRun = invocation.Get(dryRun),
                            },
                        }
                        : new Fleet.Protocol.V1.Action
                        {
                            ZfsSnapshot = new ZfsSnapshotAction
                            {
                                Datasets = { invocation.Get(names) },
                                Recursive = invocation.Get(recursive),
                                DryRun = invocation.Get(dryRun),
                            },
                        },
                    Note = invocation.Get(note) ?? "",
                    RequestId = Guid.NewGuid().ToString(),
                },
                invocation.Connection.Unary);
            return await StartedRuns.FinishAsync(invocation, [run], invocation.Get(noFollow));
        });
    }
}
