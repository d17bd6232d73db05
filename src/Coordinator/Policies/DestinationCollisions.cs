using Fleet.Coordinator.Actions;
using Fleet.Coordinator.State.Policies;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>Finds policies that write to the same destination, or to one above or below another's. Pure.</summary>
internal static class DestinationCollisions
{
    /// <param name="hosts">Labels by name.</param>
    /// <returns>Each pair of writers once, including pairs of one policy on two hosts.</returns>
    public static IEnumerable<(Destination One, Destination Other)> Between(
        IReadOnlyCollection<PolicySpec> specs, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts)
    {
        var names = NamesOf(hosts);
        var places = specs
            .SelectMany(spec => HostsOf(spec, hosts).Select(host => Destination.Of(spec, host, names)))
            .OfType<Destination>()
            .Distinct()
            .GroupBy(static destination => destination.Place, StringComparer.Ordinal);
        foreach (var place in places)
        {
            // The entries are sorted, so whatever lies above an entry is among the open ones before it.
            var above = new List<Destination>();
            foreach (var next in place.OrderBy(static destination => destination.Path, StringComparer.Ordinal))
            {
                above.RemoveAll(one => !next.Path.StartsWith(one.Path, StringComparison.Ordinal));
                foreach (var other in above.Where(next.CollidesWith))
                {
                    yield return (next, other);
                }

                above.Add(next);
            }
        }
    }

    /// <summary>The policy destination that an action without a policy would write into on a host. Null if there is none.</summary>
    public static (Destination Mine, Destination Theirs)? OfAction(
        Protocol.V1.Action action,
        string host,
        IReadOnlyCollection<PolicySpec> specs,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts)
    {
        var names = NamesOf(hosts);
        if (Destination.Of(new PolicySpec { Action = action }, host, names) is not { } mine)
        {
            return null;
        }

        var theirs = specs
            .SelectMany(spec => HostsOf(spec, hosts).Select(other => Destination.Of(spec, other, names)))
            .OfType<Destination>()
            .FirstOrDefault(mine.CollidesWith);
        return theirs is null ? null : (mine, theirs);
    }

    /// <summary>
    /// Finds policies that write from several hosts to one remote path, where each host would overwrite what the others wrote.
    /// </summary>
    public static IEnumerable<(string Policy, IReadOnlyList<string> Hosts, Destination Destination)> SharedByHosts(
        IEnumerable<PolicySpec> specs, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts)
    {
        var names = NamesOf(hosts);
        foreach (
            var spec in specs.Where(static spec => Destination.IsRemote(spec) && !PathPlaceholders.NamesHost(Destination.PathOf(spec))))
        {
            var writers = HostsOf(spec, hosts).Order(StringComparer.Ordinal).ToList();
            if (writers.Count > 1 && Destination.Of(spec, writers[0], names) is { } destination)
            {
                yield return (spec.Name, writers, destination);
            }
        }
    }

    /// <summary>Describes the first writer: "lies below the destination of X, /p on nas: ...".</summary>
    public static string Describe(Destination one, Destination other)
    {
        var how = one.Path == other.Path ? "is also the destination of"
            : one.Path.StartsWith(other.Path, StringComparison.Ordinal) ? "lies below the destination of"
            : "lies above the destination of";
        return $"{how} {other.Policy}, {Destination.Shown(other.Path)} {other.PlaceName}: a copy has one writer. Give each a folder "
            + "of its own";
    }

    private static HashSet<string> NamesOf(IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts) =>
        hosts.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> HostsOf(PolicySpec spec, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts) =>
        hosts.Where(host => PolicyRules.Applies(spec.Target, host.Key, host.Value)).Select(static host => host.Key);
}
