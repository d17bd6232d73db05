using System.Text.RegularExpressions;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.Collections;

namespace Fleet.Coordinator.Policies;

/// <summary>The part that knows actions on ZFS.</summary>
internal sealed partial class PolicyValidator
{
    /// <summary>ZFS_MAX_DATASET_NAME_LEN without its NUL.</summary>
    private const int MaxDatasetLength = 255;

    private void ValidateZfsSnapshot(ZfsSnapshotAction snapshot, string path)
    {
        ValidateDatasets(snapshot.Datasets, snapshot.Excludes, path);
        ValidateHook(snapshot.Before, $"{path}.before");
        ValidateHook(snapshot.After, $"{path}.after");
        if (snapshot.Note.Length > 0)
        {
            Refuse($"{path}.note", "only a run without a policy has one, and takes it from the request's note");
        }

        if (snapshot.DryRun)
        {
            Warn("the action is a dry run: it changes nothing, and so protects nothing");
        }
    }

    private void ValidateZfsPrune(ZfsPruneAction prune, string path)
    {
        ValidateDatasets(prune.Datasets, prune.Excludes, path);
        ValidatePruning(prune.SnapshotsOf, prune.Retention, prune.Confirmation, prune.AssumedNow, prune.DryRun, path);
    }

    private void ValidateDatasets(RepeatedField<string> datasets, RepeatedField<string> excludes, string path)
    {
        if (datasets.Count is 0 or > 100)
        {
            Refuse($"{path}.datasets", "is required: 1 to 100 names of datasets");
        }

        for (var i = 0; i < datasets.Count; i++)
        {
            ValidateDataset(datasets[i], $"{path}.datasets[{i}]");
            if (datasets.IndexOf(datasets[i]) < i)
            {
                Refuse($"{path}.datasets[{i}]", $"\"{Printable(datasets[i])}\" is named twice");
            }
        }

        ValidateExcludes(excludes, path);
    }

    private void ValidateDataset(string name, string path)
    {
        if (name.Length > MaxDatasetLength || !DatasetPattern().IsMatch(name))
        {
            Refuse(path, "must be the name of a dataset, such as tank/data, without \"@\"");
        }
    }

    private void ValidateExcludes(RepeatedField<string> excludes, string path)
    {
        if (excludes.Count > 1_000)
        {
            Refuse($"{path}.excludes", "more than 1,000 patterns");
        }

        for (var i = 0; i < excludes.Count; i++)
        {
            if (excludes[i].Length > MaxDatasetLength || !DatasetGlobPattern().IsMatch(excludes[i]))
            {
                Refuse($"{path}.excludes[{i}]", "must be the name of a dataset, in which \"*\" stands for any characters but \"/\"");
            }
        }
    }

    private void ValidateHook(SnapshotHook? hook, string path)
    {
        if (hook is null)
        {
            return;
        }

        if (hook.Command is null)
        {
            Refuse($"{path}.command", "is required");
        }
        else
        {
            ValidateCommand(hook.Command, $"{path}.command");
        }

        Check(hook.Timeout, $"{path}.timeout", PolicyLimits.ShortestTimeout, PolicyLimits.LongestHook);
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.: -]*(?:/(?!\\.{1,2}(?:/|\\z))[A-Za-z0-9_.: -]+)*\\z")]
    private static partial Regex DatasetPattern();

    [GeneratedRegex("^[A-Za-z*][A-Za-z0-9_.: *-]*(?:/[A-Za-z0-9_.: *-]+)*\\z")]
    private static partial Regex DatasetGlobPattern();
}
