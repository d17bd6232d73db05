using System.CommandLine;
using System.Globalization;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Completion;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Snapshots;

/// <summary><c>fleet protect SNAPSHOT...</c> and <c>fleet unprotect SNAPSHOT...</c>: holds of ZFS, which nothing that Fleet does gets past.</summary>
internal static class ProtectCommand
{
    public static Command Create(CommandActions actions, bool release)
    {
        var name = release ? "unprotect" : "protect";
        var names = new Argument<string[]>("snapshot") { Description = "Snapshots as fleet snapshots shows them.", Arity = ArgumentArity.OneOrMore };
        var host = Names.SingleHostOption(actions, "The host that has them. May be left out where only one has.");
        var note = new Option<string?>("--note") { Description = "Why, for people: at most 256 characters.", HelpName = "TEXT" };
        var noFollow = new Option<bool>("--no-follow") { Description = "Do not wait for the end." };
        var command = new FleetCommand(
            name,
            release ? "Lets go of snapshots that were protected." : "Protects snapshots of ZFS from being destroyed, by retention or by hand, with a hold (zfs-hold).",
            $"fleet {name} tank/data@fleet_nightly_20261120T205500Z")
        {
            names,
            host,
            note,
            noFollow,
        };
        return actions.Online(command, async invocation =>
        {
            var hold = new ZfsHoldAction { Release = release };
            HashSet<string> hosts = [];
            foreach (var snapshot in invocation.Get(names))
            {
                var (found, failure) = await FindAsync(invocation, snapshot, invocation.Get(host) ?? "");
                if (found is null)
                {
                    return invocation.Fail(failure!);
                }

                hosts.Add(found.HostName);
                hold.Snapshots.Add(new ZfsSnapshotRef { Name = found.Name, Guid = ulong.Parse(found.Identity, CultureInfo.InvariantCulture) });
            }

            if (hosts.Count > 1)
            {
                return invocation.Fail(new CliFailure(ExitCode.Refused, $"these snapshots are on more than one host: {string.Join(", ", hosts)}", "take one host after the other"));
            }

            var run = await invocation.Connection.Fleet.StartActionAsync(
                new StartActionRequest
                {
                    Host = hosts.Single(),
                    Action = new Fleet.Protocol.V1.Action { ZfsHold = hold },
                    Note = invocation.Get(note) ?? "",
                    RequestId = Guid.NewGuid().ToString(),
                },
                invocation.Connection.Unary);
            return await Runs.RunCommand.FinishAsync(invocation, [run], invocation.Get(noFollow));
        });
    }

    private static async Task<(Snapshot? Found, CliFailure? Failure)> FindAsync(Invocation invocation, string name, string host)
    {
        return (await SnapshotLookup.FindAsync(invocation, name, host)).Where(s => s.Kind == SnapshotKind.Zfs).ToList() switch
        {
            [var one] => (one, null),
            [] => (null, new CliFailure(
                ExitCode.NotFound,
                $"the catalogue has no snapshot of ZFS named {name}",
                "see: fleet snapshots. One of LVM is protected on its host: lvchange --addtag fleet.protected")),
            var several => (null, SnapshotLookup.OnSeveral(name, several.Select(s => s.HostName))),
        };
    }
}
