using Fleet.Coordinator.Errors;

namespace Fleet.Coordinator.Metrics;

/// <summary>The metric names that a request asks for; a trailing '*' matches a prefix.</summary>
internal static class NameFilter
{
    private const int MaxNames = 200;

    /// <summary>Empty to match every name.</summary>
    public static Func<string, bool> From(IReadOnlyCollection<string> names)
    {
        if (names.Count > MaxNames)
        {
            throw FleetError.InvalidArgument("names", $"has more than {MaxNames} names");
        }

        if (names.Count == 0)
        {
            return static _ => true;
        }

        var exact = names.Where(static name => !name.EndsWith('*')).ToHashSet(StringComparer.Ordinal);
        var prefixes = names.Where(static name => name.EndsWith('*')).Select(static name => name[..^1]).ToArray();
        return name => exact.Contains(name) || prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
    }
}
