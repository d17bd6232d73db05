using System.Globalization;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>Names of dated trees: fleet_POLICY_20261120T205500Z; while one is being written: .NAME.ATTEMPT.partial.</summary>
internal static class VersionName
{
    /// <summary>One name for all attempts of a run. Two runs asked for in the same second differ by the run id.</summary>
    public static string Create(string policy, DateTimeOffset instant, string runId, IEnumerable<VersionRecord> known)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"fleet_{Safe(policy)}_{instant.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        return known.Any(v => v.Name == name && v.RunId != runId) ? $"{name}-{runId[..Math.Min(8, runId.Length)]}" : name;
    }

    /// <summary>A folder name that no known tree has.</summary>
    public static string Partial(string name, int attempt, IEnumerable<VersionRecord> known)
    {
        while (known.Any(v => v.Folder == PartialFolder(name, attempt)))
        {
            attempt++;
        }

        return PartialFolder(name, attempt);
    }

    /// <summary>Records name folders that may be removed: nothing but what this class makes is believed.</summary>
    public static bool IsFolder(string folder)
    {
        var name = folder.StartsWith('.') && folder.EndsWith(".partial", StringComparison.Ordinal) ? folder[1..^".partial".Length] : folder;
        return name.StartsWith("fleet_", StringComparison.Ordinal) && name.Length < 200 && name.Replace(".", "", StringComparison.Ordinal) is var plain && plain == Safe(plain);
    }

    private static string PartialFolder(string name, int attempt) => string.Create(CultureInfo.InvariantCulture, $".{name}.{attempt}.partial");

    // Policy names are a-z, 0-9 and '-' by contract; a run without a policy has an empty one.
    private static string Safe(string text) =>
        text.Length == 0 ? "adhoc" : string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
}
