using System.Globalization;
using System.Text;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>A place that a policy writes to.</summary>
/// <param name="Policy">The policy that writes.</param>
/// <param name="Place">
/// The scope in which paths are compared: a host of the fleet, a remote address, a module, or the pools of either.
/// </param>
/// <param name="PlaceName">For people: "on nas1".</param>
/// <param name="Path">Absolute in that place, with a "/" at its end; Latin-1 for bytes.</param>
/// <param name="IsVersions">Whether it makes dated trees of its own name below the path, so that others may do the same beside it.</param>
internal sealed record Destination(string Policy, string Place, string PlaceName, string Path, bool IsVersions)
{
    /// <summary>Where a policy writes when it runs on a host. Null if it is not known here.</summary>
    /// <param name="hostNames">The names of all hosts: a remote address that is one of them means that host.</param>
    public static Destination? Of(PolicySpec spec, string host, IReadOnlySet<string> hostNames) => spec.Action?.KindCase switch
    {
        Protocol.V1.Action.KindOneofCase.Rsync => OfRsync(spec, host, hostNames),
        Protocol.V1.Action.KindOneofCase.ZfsReplicate => OfReplication(spec, host, hostNames),
        _ => null,
    };

    /// <summary>Whether the target is on another machine than the one that runs the action.</summary>
    public static bool IsRemote(PolicySpec spec) =>
        spec.Action?.Rsync?.Destination is { RemoteCase: not RsyncEndpoint.RemoteOneofCase.None }
        || spec.Action?.ZfsReplicate is { RemoteCase: ZfsReplicateAction.RemoteOneofCase.TargetHost };

    /// <summary>The path as the policy has it, before placeholders are replaced.</summary>
    public static string PathOf(PolicySpec spec) =>
        spec.Action?.Rsync?.Destination is { } destination
            ? Encoding.Latin1.GetString(destination.Path.Span)
            : spec.Action?.ZfsReplicate?.Target ?? "";

    /// <summary>A path for people.</summary>
    public static string Shown(string path) => WireText.Printable(path.TrimEnd('/'), 200) is { Length: > 0 } shown ? shown : "/";

    /// <summary>Whether two writers would get in each other's way.</summary>
    public bool CollidesWith(Destination other) =>
        Place == other.Place
        && (Path.StartsWith(other.Path, StringComparison.Ordinal) || other.Path.StartsWith(Path, StringComparison.Ordinal))
        && !(IsVersions && other.IsVersions && Path == other.Path && Policy != other.Policy);

    private static Destination? OfRsync(PolicySpec spec, string host, IReadOnlySet<string> hostNames)
    {
        var rsync = spec.Action.Rsync;
        if (rsync.Destination is not { } destination || rsync.DryRun)
        {
            return null;
        }

        var path = WithSlash(Encoding.Latin1.GetString(PathPlaceholders.Expand(destination.Path, host, spec.Name).Span));
        var (place, name) = destination.RemoteCase switch
        {
            RsyncEndpoint.RemoteOneofCase.Ssh => OfSsh(destination.Ssh, hostNames),
            RsyncEndpoint.RemoteOneofCase.Daemon => (
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"rsync {destination.Daemon.Host.ToLowerInvariant()}:{Or(destination.Daemon.Port, 873)}/{destination.Daemon.Module}"),
                $"in module {destination.Daemon.Module} of {destination.Daemon.Host}"),
            _ => ($"host {host}", $"on {host}"),
        };
        return new Destination(spec.Name, place, name, path.StartsWith('/') ? path : $"/{path}", rsync.Mode == RsyncMode.Versions);
    }

    private static Destination? OfReplication(PolicySpec spec, string host, IReadOnlySet<string> hostNames)
    {
        var replicate = spec.Action.ZfsReplicate;
        if (replicate.DryRun)
        {
            return null;
        }

        var (place, name) =
            replicate.RemoteCase == ZfsReplicateAction.RemoteOneofCase.TargetHost
                ? OfSsh(replicate.TargetHost, hostNames)
                : ($"host {host}", $"on {host}");
        return new Destination(
            spec.Name,
            $"zfs {place}",
            name,
            WithSlash(PathPlaceholders.Expand(replicate.Target, host, spec.Name)),
            IsVersions: false);
    }

    private static (string Place, string Name) OfSsh(SshRemote ssh, IReadOnlySet<string> hostNames)
    {
        var address = ssh.Host.ToLowerInvariant();
        return hostNames.Contains(address)
            ? ($"host {address}", $"on {address}")
            : (string.Create(CultureInfo.InvariantCulture, $"ssh {address}:{Or(ssh.Port, 22)}"), $"on {address}");
    }

    private static int Or(int port, int standard) => port == 0 ? standard : port;

    private static string WithSlash(string path) => path.TrimEnd('/') + "/";
}
