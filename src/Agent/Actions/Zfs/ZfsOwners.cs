namespace Fleet.Agent.Actions.Zfs;

/// <summary>Which policies own a snapshot: the property fleet:policy, names of policies parted by commas. Pure.</summary>
internal static class ZfsOwners
{
    private const int MaxNameLength = 63;

    /// <returns>Empty: nobody, or not a value that Fleet writes. Such a snapshot is somebody else's.</returns>
    public static IReadOnlyList<string> Of(string? property)
    {
        if (string.IsNullOrEmpty(property))
        {
            return [];
        }

        var names = property.Split(',');
        return names.All(IsPolicy) ? names : [];
    }

    /// <summary>As PolicySpec.name says.</summary>
    private static bool IsPolicy(string name) =>
        name.Length is > 0 and <= MaxNameLength && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
