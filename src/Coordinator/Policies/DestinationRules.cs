using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>
/// A copy has one writer: of all policies together, those of one request and those that are stored, none may write where another one
/// does, above it or below it, nor may one from several hosts. Pure. What links and aliases hide is found on the hosts.
/// </summary>
internal sealed class DestinationRules
{
    private readonly IReadOnlyList<PolicySpec> _applied;
    private readonly List<PolicySpec> _all;
    private readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> _hosts;
    private readonly IReadOnlySet<string> _hostNames;
    private readonly List<FieldViolation> _violations = [];
    private readonly List<(int Index, string Warning)> _warnings = [];

    private DestinationRules(
        IReadOnlyList<PolicySpec> applied, IReadOnlyList<PolicySpec> stored, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts)
    {
        _applied = applied;
        _hosts = hosts;
        _hostNames = hosts.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var names = applied.Select(spec => spec.Name).ToHashSet(StringComparer.Ordinal);
        _all = [.. applied, .. stored.Where(spec => !names.Contains(spec.Name))];
    }

    /// <param name="applied">The policies of the request; each is valid by itself.</param>
    /// <param name="stored">Those that are stored; ones of the same name are replaced.</param>
    /// <param name="hosts">Labels by name.</param>
    /// <returns>What is refused, and what may become a collision, by the policy's index in the request.</returns>
    public static (IReadOnlyList<FieldViolation> Violations, IReadOnlyList<(int Index, string Warning)> Warnings) Check(
        IReadOnlyList<PolicySpec> applied, IReadOnlyList<PolicySpec> stored, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts)
    {
        var rules = new DestinationRules(applied, stored, hosts);
        rules.RefuseSharedByHosts();
        rules.RefuseSharedByPolicies();
        return (rules._violations, rules._warnings);
    }

    /// <summary>Of several hosts each would delete or overwrite what the others wrote.</summary>
    private void RefuseSharedByHosts()
    {
        for (var i = 0; i < _applied.Count; i++)
        {
            var spec = _applied[i];
            var path = Destination.PathOf(spec);
            if (Destination.IsRemote(spec) && !PathPlaceholders.NamesHost(path) && MayHaveSeveralHosts(spec.Target))
            {
                _violations.Add(new FieldViolation
                {
                    Field = FieldOf(i, spec),
                    Message = $"is the same for every host that the target may match, so that each would overwrite the others: write {{host}} into it, such as {Shown(path.TrimEnd('/'))}/{{host}}",
                });
            }
        }
    }

    private void RefuseSharedByPolicies()
    {
        var index = _applied.Select((spec, i) => (spec.Name, i)).DistinctBy(static pair => pair.Name).ToDictionary(static pair => pair.Name, static pair => pair.i, StringComparer.Ordinal);
        var told = new HashSet<(string, string)>();
        var places = _all
            .SelectMany(spec => HostsOf(spec).Select(host => Destination.Of(spec, host, _hostNames)))
            .OfType<Destination>()
            .Distinct()
            .GroupBy(static destination => destination.Place, StringComparer.Ordinal);
        foreach (var place in places)
        {
            // Sorted, whatever lies above an entry is among the open ones before it.
            var above = new List<Destination>();
            foreach (var next in place.OrderBy(static destination => destination.Path, StringComparer.Ordinal))
            {
                above.RemoveAll(one => !next.Path.StartsWith(one.Path, StringComparison.Ordinal));
                foreach (var other in above.Where(next.CollidesWith))
                {
                    Tell(index, told, next, other);
                    Tell(index, told, other, next);
                }

                above.Add(next);
            }
        }

        WarnOfPossible(told);
    }

    private void Tell(Dictionary<string, int> index, HashSet<(string, string)> told, Destination one, Destination other)
    {
        if (one.Policy != other.Policy && index.TryGetValue(one.Policy, out var i) && told.Add((one.Policy, other.Policy)))
        {
            var how = one.Path == other.Path ? "is also the destination of"
                : one.Path.StartsWith(other.Path, StringComparison.Ordinal) ? "lies below the destination of"
                : "lies above the destination of";
            _violations.Add(new FieldViolation
            {
                Field = FieldOf(i, _applied[i]),
                Message = $"{how} {other.Policy}, {Shown(other.Path.TrimEnd('/'))} {other.PlaceName}: a copy has one writer. Give each a folder of its own",
            });
        }
    }

    /// <summary>Labels that no host has together now may come together on one: nothing to refuse, but to know.</summary>
    private void WarnOfPossible(HashSet<(string, string)> told)
    {
        const string Anyone = "{host}";
        for (var i = 0; i < _applied.Count; i++)
        {
            if (_applied[i].Target.MatchLabels.Count == 0 || Destination.IsRemote(_applied[i])
                || Destination.Of(_applied[i], Anyone, _hostNames) is not { } mine)
            {
                continue;
            }

            foreach (var other in _all.Where(spec => spec.Name != _applied[i].Name && spec.Target.MatchLabels.Count > 0 && !Destination.IsRemote(spec)))
            {
                if (!told.Contains((mine.Policy, other.Name))
                    && MayMeet(_applied[i].Target, other.Target)
                    && Destination.Of(other, Anyone, _hostNames) is { } theirs
                    && mine.CollidesWith(theirs)
                    && told.Add((mine.Policy, other.Name)))
                {
                    _warnings.Add((i, $"on a host with the labels of both, its destination and that of {other.Name} would lie in each other: a copy has one writer"));
                }
            }
        }
    }

    private IEnumerable<string> HostsOf(PolicySpec spec) =>
        _hosts.Where(host => PolicyRules.Applies(spec.Target, host.Key, host.Value)).Select(static host => host.Key);

    private static bool MayHaveSeveralHosts(PolicyTarget target) => target.Hosts.Count > 1 || target.MatchLabels.Count > 0;

    private static bool MayMeet(PolicyTarget one, PolicyTarget other) =>
        one.MatchLabels.All(label => !other.MatchLabels.TryGetValue(label.Key, out var value) || value == label.Value);

    private static string FieldOf(int index, PolicySpec spec) => spec.Action.KindCase == Protocol.V1.Action.KindOneofCase.ZfsReplicate
        ? $"policies[{index}].action.zfs_replicate.target"
        : $"policies[{index}].action.rsync.destination.path";

    private static string Shown(string text) => string.Concat(text.Take(200).Select(static c => char.IsControl(c) ? '\uFFFD' : c));
}
