using System.Text.RegularExpressions;
using Google.Protobuf.Collections;

namespace Fleet.Coordinator.Actions;

/// <summary>Checks LVM volumes and their snapshots in actions.</summary>
internal static partial class VolumeFields
{
    public static void CheckVolumes(this ActionFindings findings, RepeatedField<string> volumes, string path)
    {
        if (volumes.Count is 0 or > 100)
        {
            findings.Refuse($"{path}.volumes", "is required: 1 to 100 names of volumes");
        }

        for (var i = 0; i < volumes.Count; i++)
        {
            if (!VolumePattern().IsMatch(volumes[i]))
            {
                findings.Refuse($"{path}.volumes[{i}]", "must be the name of a volume with its group, such as vg/home");
            }
            else if (volumes.IndexOf(volumes[i]) < i)
            {
                findings.Refuse($"{path}.volumes[{i}]", $"\"{ActionFindings.Printable(volumes[i])}\" is named twice");
            }
        }
    }

    /// <param name="isDryRun">Null if the identity is always required.</param>
    public static void CheckVolumeSnapshot(
        this ActionFindings findings, string name, string uuid, string nameField, string uuidField, bool? isDryRun = null)
    {
        if (!VolumePattern().IsMatch(name))
        {
            findings.Refuse(nameField, "must be the name of a snapshot with its group, such as vg/home.monday");
        }

        if (uuid.Length == 0)
        {
            if (isDryRun != true)
            {
                findings.Refuse(uuidField, isDryRun is null ? SnapshotFields.NoIdentity : SnapshotFields.IdentityMissing);
            }
        }
        else if (!UuidPattern().IsMatch(uuid))
        {
            findings.Refuse(uuidField, "is not a UUID of LVM");
        }
    }

    // lvm(8), VALID NAMES. The host decides which names LVM reserves for itself.
    [GeneratedRegex("^(?!\\.{1,2}/)[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}/(?!\\.{1,2}\\z)[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}\\z")]
    private static partial Regex VolumePattern();

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}\\z")]
    private static partial Regex UuidPattern();
}
