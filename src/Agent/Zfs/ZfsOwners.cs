using Fleet.Protocol.Edge;

namespace Fleet.Agent.Zfs;

/// <summary>Which policies own a snapshot: the property fleet:policy, names of policies separated by commas. Pure.</summary>
internal static class ZfsOwners
{
    /// <returns>Empty if nobody does, or if it is not a value that Fleet writes. Such a snapshot is somebody else's.</returns>
    public static IReadOnlyList<string> Of(string? property)
    {
        if (string.IsNullOrEmpty(property))
        {
            return [];
        }

        var names = property.Split(',');
        return names.All(WireNames.IsPolicy) ? names : [];
    }
}
