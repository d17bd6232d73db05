using System.Text.RegularExpressions;
using Fleet.Protocol.V1;
using Google.Protobuf.Collections;

namespace Fleet.Coordinator.Policies;

/// <summary>The part that knows actions on LVM.</summary>
internal sealed partial class PolicyValidator
{
    private void ValidateLvmSnapshot(LvmSnapshotAction snapshot, string path)
    {
        ValidateVolumes(snapshot.Volumes, path);
        RefuseNegative(snapshot.ClassicSizeBytes, $"{path}.classic_size_bytes");
        RefuseNegative(snapshot.MinGroupFreeBytes, $"{path}.min_group_free_bytes");
        ValidateHook(snapshot.Before, $"{path}.before");
        ValidateHook(snapshot.After, $"{path}.after");
        foreach (var (name, percent) in new[] { ("max_data_percent", snapshot.MaxDataPercent), ("max_metadata_percent", snapshot.MaxMetadataPercent) })
        {
            if (percent is < 0 or > 100)
            {
                Refuse($"{path}.{name}", "must be 1 to 100");
            }
        }

        if (snapshot.DryRun)
        {
            Warn("the action is a dry run: it changes nothing, and so protects nothing");
        }
    }

    private void ValidateLvmPrune(LvmPruneAction prune, string path)
    {
        ValidateVolumes(prune.Volumes, path);
        ValidatePruning(prune.SnapshotsOf, prune.Retention, prune.Confirmation, prune.AssumedNow, prune.DryRun, path);
    }

    private void ValidateVolumes(RepeatedField<string> volumes, string path)
    {
        if (volumes.Count is 0 or > 100)
        {
            Refuse($"{path}.volumes", "is required: 1 to 100 names of volumes");
        }

        for (var i = 0; i < volumes.Count; i++)
        {
            if (!VolumePattern().IsMatch(volumes[i]))
            {
                Refuse($"{path}.volumes[{i}]", "must be the name of a volume with its group, such as vg/home");
            }
            else if (volumes.IndexOf(volumes[i]) < i)
            {
                Refuse($"{path}.volumes[{i}]", $"\"{Printable(volumes[i])}\" is named twice");
            }
        }
    }

    // lvm(8), VALID NAMES. Which names LVM keeps for itself is the host's to say.
    [GeneratedRegex("^(?!\\.{1,2}/)[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}/(?!\\.{1,2}\\z)[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}\\z")]
    private static partial Regex VolumePattern();
}
