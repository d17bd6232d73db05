using System.Globalization;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>
/// Names of dated trees: a <see cref="SnapshotName"/>; while one is being written: .NAME.ATTEMPT.partial; of one that lacks something:
/// NAME.incomplete.
/// </summary>
internal static class VersionName
{
    private const string PartialEnd = ".partial";
    private const string IncompleteEnd = ".incomplete";

    /// <summary>One name for all attempts of a run. Two runs asked for in the same second differ by the run id.</summary>
    public static string Create(string policy, DateTimeOffset instant, string runId, IEnumerable<VersionRecord> known)
    {
        var name = SnapshotName.Create(policy, instant).ToString();
        return known.Any(v => v.Name == name && v.RunId != runId) ? SnapshotName.Create(policy, instant, runId).ToString() : name;
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

    public static string Incomplete(string name) => name + IncompleteEnd;

    /// <summary>Records name folders that may be removed: nothing but what this class makes is believed.</summary>
    public static bool IsFolder(string folder)
    {
        if (!folder.StartsWith('.') || !folder.EndsWith(PartialEnd, StringComparison.Ordinal))
        {
            return SnapshotName.Parse(folder.EndsWith(IncompleteEnd,
                StringComparison.Ordinal) ? folder[..^IncompleteEnd.Length] : folder) is not null;
        }

        var parts = folder[1..^PartialEnd.Length].Split('.');
        return parts.Length == 2 && SnapshotName.Parse(parts[0]) is not null && parts[1].Length > 0 && parts[1].All(char.IsAsciiDigit);
    }

    private static string PartialFolder(string name, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $".{name}.{attempt}{PartialEnd}");
}
