using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;
using Google.Protobuf.Collections;

namespace Fleet.Coordinator.State.Events;

/// <summary>Which events a subscriber wants. Pure.</summary>
internal sealed class EventFilter
{
    private readonly HashSet<string> _types;
    private readonly string[] _families;
    private readonly HashSet<string> _hosts;
    private readonly HashSet<string> _policies;

    /// <exception cref="Grpc.Core.RpcException">A type is malformed, or a name is empty.</exception>
    public EventFilter(SubscribeRequest request)
    {
        for (var i = 0; i < request.Types_.Count; i++)
        {
            var type = request.Types_[i];
            if (type.Length is 0 or > 100
                || (type.Contains('*') && !(type.EndsWith(".*", StringComparison.Ordinal) && type.IndexOf('*') == type.Length - 1)))
            {
                throw FleetError.InvalidArgument($"types[{i}]", "must be a type (\"run.failed\") or a family (\"run.*\")");
            }
        }

        RefuseEmpty("hosts", request.Hosts);
        RefuseEmpty("policies", request.Policies);
        _types = [.. request.Types_.Where(type => !type.EndsWith('*'))];
        _families = [.. request.Types_.Where(type => type.EndsWith('*')).Select(type => type[..^1])];
        _hosts = [.. request.Hosts];
        _policies = [.. request.Policies];
    }

    /// <summary>Whether the filter excludes anything.</summary>
    public bool IsNarrow => _types.Count + _families.Length + _hosts.Count + _policies.Count > 0;

    /// <summary>Types that are given by their whole name.</summary>
    public IReadOnlyCollection<string> Types => _types;

    /// <summary>Types that are given by prefix: those between two texts, neither of which is a type.</summary>
    public IEnumerable<(string After, string Before)> Ranges => _types.Count + _families.Length == 0
        ? [("", "\uFFFF")]
        : _families.Select(static family => (family, family[..^1] + (char)(family[^1] + 1)));

    /// <summary>Names or ids. Empty for all.</summary>
    public IReadOnlyCollection<string> Hosts => _hosts;

    /// <summary>Empty for all.</summary>
    public IReadOnlyCollection<string> Policies => _policies;

    public bool Matches(Event fact) =>
        ((_types.Count == 0 && _families.Length == 0)
            || _types.Contains(fact.Type)
            || _families.Any(family => fact.Type.StartsWith(family, StringComparison.Ordinal)))
        && (_hosts.Count == 0 || _hosts.Contains(fact.HostName) || _hosts.Contains(fact.HostId))
        && (_policies.Count == 0 || _policies.Contains(fact.Policy));

    private static void RefuseEmpty(string field, RepeatedField<string> names)
    {
        if (names.IndexOf("") is >= 0 and var i)
        {
            throw FleetError.InvalidArgument($"{field}[{i}]", "is empty: leave it out to get the events of all");
        }
    }
}
