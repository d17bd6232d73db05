using System.CommandLine;
using System.Globalization;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Runs;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Snapshots;

/// <summary>
/// <c>fleet protect SNAPSHOT...</c> and <c>fleet unprotect SNAPSHOT...</c>: sets or releases ZFS holds, and the tag that
/// makes Fleet leave an LVM snapshot alone. There is one run for ZFS snapshots and one for LVM snapshots.
/// </summary>
internal static class ProtectCommand
{
    public static Command Create(CommandActions actions, bool release)
    {
        var name = release ? "unprotect" : "protect";
        var names = new Argument<string[]>("snapshot")
        {
            Description = "Snapshots as fleet snapshots shows them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var host = actions.Names.SingleHostOption("The host that has them. Not needed if only one host has them.");
        var note = new Option<string?>("--note") { Description = "Why, for people: at most 256 characters.", HelpName = "TEXT" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would be done." };
        var noFollow = new Option<bool>("--no-follow") { Description = "Do not wait for the end." };
        var command = new FleetCommand(
            name,
            release
                ? "Releases protected snapshots."
                : "Protects snapshots: ZFS ones from everybody, with a hold (zfs-hold); LVM ones from retention and merges, with a tag.",
            $"fleet {name} tank/data@fleet_nightly_20261120T205500Z",
            $"fleet {name} vg/home.fleet_nightly_20261120T205500Z --host web1")
        {
            names,
            host,
            note,
            dryRun,
            noFollow,
        };
        return actions.Online(command, async invocation =>
        {
            List<Snapshot> snapshots = [];
            foreach (var snapshot in invocation.Get(names))
            {
                var (found, failure) = await FindAsync(invocation, snapshot, invocation.Get(host) ?? "");
                if (found is null)
                {
                    return invocation.Fail(failure!);
                }

                snapshots.Add(found);
            }

            if (snapshots.Select(s => s.HostName).Distinct().Order(StringComparer.Ordinal).ToList() is { Count: > 1 } hosts)
            {
                return invocation.Fail(new CliFailure(
                    ExitCode.Refused,
                    $"these snapshots are on more than one host: {string.Join(", ", hosts)}",
                    "use the command once for each host"));
            }

            List<Run> runs = [];
            foreach (var action in Actions(snapshots, release, invocation.Get(dryRun)))
            {
                runs.Add(await invocation.Connection.Fleet.StartActionAsync(
                    new StartActionRequest
                    {
                        Host = snapshots[0].HostName,
                        Action = action,
                        Note = invocation.Get(note) ?? "",
                        RequestId = Guid.NewGuid().ToString(),
                    },
                    invocation.Connection.Unary));
            }

            return await StartedRuns.FinishAsync(invocation, runs, invocation.Get(noFollow));
        });
    }

    private static IEnumerable<Fleet.Protocol.V1.Action> Actions(List<Snapshot> snapshots, bool release, bool dryRun)
    {
        var hold = new ZfsHoldAction { Release = release, DryRun = dryRun };
        hold.Snapshots.Add(snapshots.Where(s => s.Kind == SnapshotKind.Zfs)
            .Select(s => new ZfsSnapshotRef { Name = s.Name, Guid = ulong.Parse(s.Identity, CultureInfo.InvariantCulture) }));
        var tag = new LvmProtectAction { Release = release, DryRun = dryRun };
        tag.Snapshots.Add(
            snapshots.Where(s => s.Kind == SnapshotKind.Lvm).Select(s => new LvmSnapshotRef { Name = s.Name, Uuid = s.Identity }));
        if (hold.Snapshots.Count > 0)
        {
            yield return new Fleet.Protocol.V1.Action { ZfsHold = hold };
        }

        if (tag.Snapshots.Count > 0)
        {
            yield return new Fleet.Protocol.V1.Action { LvmProtect = tag };
        }
    }

    private static async Task<(Snapshot? Found, CliFailure? Failure)> FindAsync(Invocation invocation, string name, string host)
    {
        return (await SnapshotLookup.FindAsync(invocation, name, host))
            .Where(s => s.Kind is SnapshotKind.Zfs or SnapshotKind.Lvm)
            .ToList() switch
        {
            [var one] => (one, null),
            [] => (null, new CliFailure(
                ExitCode.NotFound, $"the catalogue has no ZFS or LVM snapshot named {name}", "see: fleet snapshots")),
            var several => (null, SnapshotLookup.OnSeveral(name, several.Select(s => s.HostName))),
        };
    }
}
