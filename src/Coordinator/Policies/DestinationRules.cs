using Fleet.Coordinator.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>
/// A copy has one writer. Among all policies, those of one request and those that are stored, none may write to the destination of another,
/// above it or below it; nor may one policy write to one destination from several hosts. Pure. What links and aliases hide is found on
/// the hosts.
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
        IReadOnlyList<PolicySpec> applied,
        IReadOnlyList<PolicySpec> stored,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts)
    {
        _applied = applied;
        _hosts = hosts;
        _hostNames = hosts.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var names = applied.Select(spec => spec.Name).ToHashSet(StringComparer.Ordinal);
        _all = [.. applied, .. stored.Where(spec => !names.Contains(spec.Name))];
    }

    /// <param name="applied">The policies of the request; each is valid by itself.</param>
    /// <param name="stored">The stored policies; those with the same names are replaced.</param>
    /// <param name="hosts">Labels by name.</param>
    /// <returns>Violations, and warnings about possible collisions, by the policy's index in the request.</returns>
    public static (IReadOnlyList<FieldViolation> Violations, IReadOnlyList<(int Index, string Warning)> Warnings) Check(
        IReadOnlyList<PolicySpec> applied,
        IReadOnlyList<PolicySpec> stored,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts)
    {
        var rules = new DestinationRules(applied, stored, hosts);
        rules.RefuseSharedByHosts();
        rules.RefuseSharedByPolicies();
        return (rules._violations, rules._warnings);
    }

    /// <summary>Refuses one destination for several hosts: each would delete or overwrite what the others wrote.</summary>
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
                    Message = "is the same for every host that the target may match, so that each would overwrite the others: write "
                        + $"{{host}} into it, such as {Destination.Shown(path)}/{{host}}",
                });
            }
        }
    }

    private void RefuseSharedByPolicies()
    {
        var index = _applied
            .Select((spec, i) => (spec.Name, i))
            .DistinctBy(static pair => pair.Name)
            .ToDictionary(static pair => pair.Name, static pair => pair.i, StringComparer.Ordinal);
        var told = new HashSet<(string, string)>();
        foreach (var (one, other) in DestinationCollisions.Between(_all, _hosts))
        {
            Tell(index, told, one, other);
            Tell(index, told, other, one);
        }

        WarnOfPossible(told);
    }

    private void Tell(Dictionary<string, int> index, HashSet<(string, string)> told, Destination one, Destination other)
    {
        if (one.Policy != other.Policy && index.TryGetValue(one.Policy, out var i) && told.Add((one.Policy, other.Policy)))
        {
            _violations.Add(new FieldViolation { Field = FieldOf(i, _applied[i]), Message = DestinationCollisions.Describe(one, other) });
        }
    }

    /// <summary>
    /// Warns if two policies would collide on a host with the labels of both; no host has them now, so it is not refused.
    /// </summary>
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

            foreach (var other in _all.Where(spec =>
                    spec.Name != _applied[i].Name && spec.Target.MatchLabels.Count > 0 && !Destination.IsRemote(spec)))
            {
                if (!told.Contains((mine.Policy, other.Name))
                    && MayMeet(_applied[i].Target, other.Target)
                    && Destination.Of(other, Anyone, _hostNames) is { } theirs
                    && mine.CollidesWith(theirs)
                    && told.Add((mine.Policy, other.Name)))
                {
                    _warnings.Add((i, $"on a host with the labels of both, its destination and that of {other.Name} would contain one "
                        + "another: a copy has one writer"));
                }
            }
        }
    }

    private static bool MayHaveSeveralHosts(PolicyTarget target) => target.Hosts.Count > 1 || target.MatchLabels.Count > 0;

    private static bool MayMeet(PolicyTarget one, PolicyTarget other) =>
        one.MatchLabels.All(label => !other.MatchLabels.TryGetValue(label.Key, out var value) || value == label.Value);

    private static string FieldOf(int index, PolicySpec spec) => spec.Action.KindCase == Protocol.V1.Action.KindOneofCase.ZfsReplicate
        ? $"policies[{index}].action.zfs_replicate.target"
        : $"policies[{index}].action.rsync.destination.path";
}
