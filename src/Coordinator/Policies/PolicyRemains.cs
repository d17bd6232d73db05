using System.Text;
using Fleet.Coordinator.Actions;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>
/// Describes what a deleted policy leaves behind on its hosts: its copies stay, since they are what it was for, and nothing thins them out
/// any more. Sentences for people. Pure.
/// </summary>
internal static class PolicyRemains
{
    private const int MostHosts = 20;

    public static IReadOnlyList<string> Of(PolicySpec spec, IReadOnlyList<string> hosts)
    {
        var name = spec.Name;
        return spec.Action?.KindCase switch
        {
            _ when hosts.Count == 0 => [],
            Protocol.V1.Action.KindOneofCase.Rsync when !spec.Action.Rsync.DryRun => OfRsync(spec, hosts),
            Protocol.V1.Action.KindOneofCase.ZfsSnapshot =>
            [
                $"The snapshots fleet_{name}_* of {string.Join(", ", spec.Action.ZfsSnapshot.Datasets)} stay on {Names(hosts)}. zfs "
                + "list -t snapshot -o name,fleet:policy shows them; "
                    + $"a policy with zfs_prune and snapshots_of: {name} thins them out, zfs destroy removes them.",
            ],
            Protocol.V1.Action.KindOneofCase.LvmSnapshot =>
            [
                $"The snapshots that it made stay on {Names(hosts)}, and classic ones keep filling up. fleet snapshots shows them; "
                    + $"a policy with lvm_prune and snapshots_of: {name} thins them out, lvremove removes them.",
            ],
            Protocol.V1.Action.KindOneofCase.ZfsReplicate => OfReplication(spec, hosts),
            Protocol.V1.Action.KindOneofCase.ZfsPrune => [Unpruned(spec.Action.ZfsPrune.SnapshotsOf, hosts)],
            Protocol.V1.Action.KindOneofCase.LvmPrune => [Unpruned(spec.Action.LvmPrune.SnapshotsOf, hosts)],
            _ => [],
        };
    }

    private static List<string> OfRsync(PolicySpec spec, IReadOnlyList<string> hosts)
    {
        var rsync = spec.Action.Rsync;
        var remains = new List<string>();
        foreach (var host in hosts.Take(MostHosts))
        {
            var path = Shown(PathPlaceholders.Expand(rsync.Destination.Path, host, spec.Name).ToByteArray());
            var place = rsync.Destination.RemoteCase switch
            {
                RsyncEndpoint.RemoteOneofCase.Ssh => $"on {rsync.Destination.Ssh.Host}, written by {host}",
                RsyncEndpoint.RemoteOneofCase.Daemon =>
                    $"in module {rsync.Destination.Daemon.Module} of {rsync.Destination.Daemon.Host}, written by {host}",
                _ => $"on {host}",
            };
            remains.Add(rsync.Mode == RsyncMode.Versions
                ? $"The dated trees {path.TrimEnd('/')}/fleet_{spec.Name}_* {place} stay, and nothing thins them out: rm -r removes "
                    + "them. A policy of the same name takes them over."
                : $"The copy {path} {place} stays: rm -r removes it.");
        }

        if (hosts.Count > MostHosts)
        {
            remains.Add($"The same on {hosts.Count - MostHosts} further hosts.");
        }

        return remains;
    }

    private static List<string> OfReplication(PolicySpec spec, IReadOnlyList<string> hosts)
    {
        var replicate = spec.Action.ZfsReplicate;
        var remains = new List<string>();
        foreach (var host in hosts.Take(MostHosts))
        {
            var target = PathPlaceholders.Expand(replicate.Target, host, spec.Name);
            var (source, copy) = replicate.RemoteCase switch
            {
                ZfsReplicateAction.RemoteOneofCase.TargetHost => (host, replicate.TargetHost.Host),
                ZfsReplicateAction.RemoteOneofCase.SourceHost => (replicate.SourceHost.Host, host),
                _ => (host, host),
            };
            remains.Add(
                $"The copy {target} on {copy} stays, its newest snapshot held: zfs release fleet:from:{spec.Name} SNAPSHOT, then zfs "
                + $"destroy -r {target}, removes it.");
            remains.Add(
                $"On {source} the newest copied snapshots of {replicate.Source} stay held and cannot be pruned: zfs holds shows the "
                + $"tag fleet:to:{spec.Name}, zfs release lets go; "
                    + $"the bookmarks #fleet_{spec.Name}_* take no space.");
        }

        return remains;
    }

    private static string Unpruned(string policy, IReadOnlyList<string> hosts) =>
        $"The snapshots of {policy} on {Names(hosts)} are no longer thinned out by it: while {policy} makes new ones, they fill the pool.";

    private static string Names(IReadOnlyList<string> hosts) =>
        hosts.Count <= 5 ? string.Join(", ", hosts) : $"{string.Join(", ", hosts.Take(5))} and {hosts.Count - 5} more";

    private static string Shown(byte[] path) => WireText.Printable(Encoding.UTF8.GetString(path), 300);
}
