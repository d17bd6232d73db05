using System.CommandLine;
using System.Globalization;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Snapshots;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Restore;

/// <summary><c>fleet restore dataset SNAPSHOT</c>: restores a whole ZFS dataset, beside the present one or in its place.</summary>
internal static class RestoreDatasetCommand
{
    public static Command Create(CommandActions actions)
    {
        var options = new RestoreOptions(actions);
        options.Snapshot.Description = "Full name of the snapshot, such as tank/data@fleet_nightly_20261120T205500Z.";
        var to = new Option<string?>("--to") { Description = "Create a new dataset from it in the same pool: a clone.", HelpName = "NEW" };
        var inPlace = new Option<bool>("--in-place") { Description = "Roll the dataset back to it: what was written since is lost." };
        var destroy = new Option<string[]>("--destroy")
        {
            Description = "With --in-place: a newer snapshot that the rollback destroys. Each must be named, a bookmark or clone with its "
                + "guid: tank/data#name=GUID, tank/clone=GUID.",
            HelpName = "SNAPSHOT",
            DefaultValueFactory = _ => [],
        };
        var command = new FleetCommand(
            "dataset",
            "Restores a whole ZFS dataset: as a clone beside the present one, or in its place by a rollback.",
            "fleet restore dataset tank/data@fleet_nightly_20261120T205500Z --to tank/restored",
            "fleet restore dataset tank/data@fleet_nightly_20261120T205500Z --in-place --why \"the upgrade went wrong\"")
        {
            options.Snapshot,
            to,
            inPlace,
            destroy,
        };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(to) is null != result.GetValue(inPlace))
            {
                result.AddError("Give either --to NEW or --in-place.");
            }

            if (!result.GetValue(inPlace) && result.GetValue(destroy) is { Length: > 0 })
            {
                result.AddError("--destroy needs --in-place.");
            }

            if (result
                    .GetValue(destroy)!
                    .FirstOrDefault(n => !n.Contains('@', StringComparison.Ordinal) && GuidReference.Parse(n) is null) is
                { } nameless)
            {
                result.AddError($"'{nameless}' is not a snapshot; a bookmark or clone is named with its guid, as the refusal shows it: "
                    + "tank/data#name=GUID, tank/clone=GUID.");
            }
        });
        return actions.Online(command, async invocation =>
        {
            var (host, failure) = await RestorePlace.FindAsync(invocation, invocation.Get(options.Snapshot)!, invocation.Get(options.Host));
            List<ZfsSnapshotRef> found = [];
            foreach (var name in failure is null ? invocation.Get(destroy)!.Prepend(invocation.Get(options.Snapshot)!) : [])
            {
                if (GuidReference.Parse(name) is { } other)
                {
                    found.Add(other);
                    continue;
                }

                var known = (await SnapshotLookup.FindAsync(invocation, name, host)).Where(s => s.Kind == SnapshotKind.Zfs).ToList();
                if (known.Count != 1)
                {
                    return invocation.Fail(new CliFailure(
                        ExitCode.NotFound,
                        $"the catalogue has no ZFS snapshot named {name} on {host}",
                        "see: fleet snapshots --host " + host));
                }

                found.Add(new ZfsSnapshotRef { Name = name, Guid = ulong.Parse(known[0].Identity, CultureInfo.InvariantCulture) });
            }

            if (failure is not null)
            {
                return invocation.Fail(failure);
            }

            return await RestoreFlow.RunAsync(
                invocation, options, host, Action(found, invocation.Get(to), dryRun: true), _ =>
                    Action(found, invocation.Get(to), dryRun: false));
        });
    }

    private static Fleet.Protocol.V1.Action Action(List<ZfsSnapshotRef> found, string? target, bool dryRun) => target is null
        ? new Fleet.Protocol.V1.Action
        {
            ZfsRollback = new ZfsRollbackAction { Snapshot = found[0], Destroy = { found.Skip(1) }, DryRun = dryRun },
        }
        : new Fleet.Protocol.V1.Action { ZfsClone = new ZfsCloneAction { Snapshot = found[0], Target = target, DryRun = dryRun } };
}
