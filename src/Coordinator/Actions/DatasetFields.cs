using System.Text.RegularExpressions;
using Fleet.Protocol.V1;
using Google.Protobuf.Collections;

namespace Fleet.Coordinator.Actions;

/// <summary>Checks ZFS datasets and their snapshots in actions.</summary>
internal static partial class DatasetFields
{
    /// <summary>ZFS_MAX_DATASET_NAME_LEN without its NUL.</summary>
    private const int MaxDatasetLength = 255;

    public static void CheckDatasets(
        this ActionFindings findings, RepeatedField<string> datasets, RepeatedField<string> excludes, string path)
    {
        if (datasets.Count is 0 or > 100)
        {
            findings.Refuse($"{path}.datasets", "is required: 1 to 100 names of datasets");
        }

        for (var i = 0; i < datasets.Count; i++)
        {
            findings.CheckDataset(datasets[i], $"{path}.datasets[{i}]");
            if (datasets.IndexOf(datasets[i]) < i)
            {
                findings.Refuse($"{path}.datasets[{i}]", $"\"{ActionFindings.Printable(datasets[i])}\" is named twice");
            }
        }

        findings.CheckDatasetPatterns(excludes, path);
    }

    public static void CheckDataset(this ActionFindings findings, string name, string path)
    {
        if (name.Length > MaxDatasetLength || !DatasetPattern().IsMatch(name))
        {
            findings.Refuse(path, "must be the name of a dataset, such as tank/data, without \"@\"");
        }
    }

    public static void CheckDatasetPatterns(this ActionFindings findings, RepeatedField<string> excludes, string path)
    {
        if (excludes.Count > 1_000)
        {
            findings.Refuse($"{path}.excludes", "more than 1,000 patterns");
        }

        for (var i = 0; i < excludes.Count; i++)
        {
            if (excludes[i].Length > MaxDatasetLength || !DatasetGlobPattern().IsMatch(excludes[i]))
            {
                findings.Refuse(
                    $"{path}.excludes[{i}]", "must be the name of a dataset, in which \"*\" stands for any characters but \"/\"");
            }
        }
    }

    public static void CheckSnapshot(this ActionFindings findings, ZfsSnapshotRef? reference, string path, char mark = '@')
    {
        var parts = reference?.Name.Split(mark, 2) ?? [];
        if (parts.Length != 2
            || reference!.Name.Length > MaxDatasetLength
            || !DatasetPattern().IsMatch(parts[0])
            || !SnapshotPattern().IsMatch(parts[1]))
        {
            findings.Refuse($"{path}.name", "must be the full name of a snapshot, such as tank/data@NAME");
        }
        else if (reference.Guid == 0)
        {
            findings.Refuse($"{path}.guid", SnapshotFields.NoIdentity);
        }
    }

    /// <summary>Checks the name of a snapshot, a bookmark or a clone.</summary>
    public static void CheckDoomed(this ActionFindings findings, ZfsSnapshotRef doomed, string path)
    {
        if (doomed.Name.AsSpan().IndexOfAny('@', '#') is var mark && mark >= 0)
        {
            findings.CheckSnapshot(doomed, path, doomed.Name[mark]);
            return;
        }

        findings.CheckDataset(doomed.Name, $"{path}.name");
        if (doomed.Guid == 0)
        {
            findings.Refuse($"{path}.guid", SnapshotFields.NoIdentity);
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.: -]*(?:/(?!\\.{1,2}(?:/|\\z))[A-Za-z0-9_.: -]+)*\\z")]
    private static partial Regex DatasetPattern();

    [GeneratedRegex("^[A-Za-z*][A-Za-z0-9_.: *-]*(?:/[A-Za-z0-9_.: *-]+)*\\z")]
    private static partial Regex DatasetGlobPattern();

    [GeneratedRegex("^[A-Za-z0-9_.: -]+\\z")]
    private static partial Regex SnapshotPattern();
}
