using System.Text.RegularExpressions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>The part that knows restores, which are asked for one by one and never belong to a policy.</summary>
internal sealed partial class PolicyValidator
{
    private const string NoIdentity = "is required: another snapshot may have taken the name";
    private const string IdentityMissing = "is required unless it is a dry run, whose result says it: names can be given again";

    private void ValidateLvmRestore(LvmRestoreAction restore, string path)
    {
        ValidateVolumeSnapshot(restore.Snapshot, restore.Uuid, $"{path}.snapshot", $"{path}.uuid", isDryRun: restore.DryRun);
        RefuseNegative(restore.SafetySizeBytes, $"{path}.safety_size_bytes");
    }

    private void ValidateLvmProtect(LvmProtectAction protect, string path)
    {
        RefuseCount(protect.Snapshots.Count, $"{path}.snapshots");
        for (var i = 0; i < protect.Snapshots.Count; i++)
        {
            var field = $"{path}.snapshots[{i}]";
            ValidateVolumeSnapshot(protect.Snapshots[i].Name, protect.Snapshots[i].Uuid, $"{field}.name", $"{field}.uuid");
        }
    }

    private void ValidateRestoreFiles(RestoreFilesAction restore, string path)
    {
        switch (restore.SourceCase)
        {
            case RestoreFilesAction.SourceOneofCase.Zfs:
                var parts = restore.Zfs.Name.Split('@');
                if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
                {
                    Refuse($"{path}.zfs.name", "must be the name of a snapshot with its dataset, such as tank/data@monday");
                }

                if (restore.Zfs.Guid == 0 && !restore.DryRun)
                {
                    Refuse($"{path}.zfs.guid", IdentityMissing);
                }

                break;
            case RestoreFilesAction.SourceOneofCase.Lvm:
                ValidateVolumeSnapshot(restore.Lvm.Name, restore.Lvm.Uuid, $"{path}.lvm.name", $"{path}.lvm.uuid", isDryRun: restore.DryRun);
                break;
            case RestoreFilesAction.SourceOneofCase.Tree:
                RefuseRelative(restore.Tree.Span, $"{path}.tree");
                break;
            default:
                Refuse($"{path}.zfs", "one of zfs, lvm and tree is required: what to restore from");
                break;
        }

        RefuseBadPath(restore.Path.Span, $"{path}.path");
        if (restore.Path.Span.IndexOf(".."u8) >= 0 && Array.Exists(restore.Path.ToStringUtf8().Split('/'), p => p == ".."))
        {
            Refuse($"{path}.path", "must not hold \"..\"");
        }

        RefuseRelative(restore.Destination.Span, $"{path}.destination");
    }

    /// <param name="isDryRun">Null: the identity is always required.</param>
    private void ValidateVolumeSnapshot(string name, string uuid, string nameField, string uuidField, bool? isDryRun = null)
    {
        if (!VolumePattern().IsMatch(name))
        {
            Refuse(nameField, "must be the name of a snapshot with its group, such as vg/home.monday");
        }

        if (uuid.Length == 0)
        {
            if (isDryRun != true)
            {
                Refuse(uuidField, isDryRun is null ? NoIdentity : IdentityMissing);
            }
        }
        else if (!UuidPattern().IsMatch(uuid))
        {
            Refuse(uuidField, "is no uuid of LVM");
        }
    }

    private void RefuseRelative(ReadOnlySpan<byte> path, string field)
    {
        if (path is not [(byte)'/', ..])
        {
            Refuse(field, path.IsEmpty ? "is required" : "must be absolute (begin with \"/\")");
        }

        RefuseBadPath(path, field);
    }

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}\\z")]
    private static partial Regex UuidPattern();
}
