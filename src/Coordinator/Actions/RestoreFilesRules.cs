using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Copies files back out of a snapshot or a dated tree.</summary>
internal sealed class RestoreFilesRules() : ActionRules<RestoreFilesAction>(ActionCase.RestoreFiles, static action => action.RestoreFiles)
{
    protected override void Validate(RestoreFilesAction restore, string path, ActionFindings findings)
    {
        switch (restore.SourceCase)
        {
            case RestoreFilesAction.SourceOneofCase.Zfs:
                var parts = restore.Zfs.Name.Split('@');
                if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
                {
                    findings.Refuse($"{path}.zfs.name", "must be the name of a snapshot with its dataset, such as tank/data@monday");
                }

                if (restore.Zfs.Guid == 0 && !restore.DryRun)
                {
                    findings.Refuse($"{path}.zfs.guid", SnapshotFields.IdentityMissing);
                }

                break;
            case RestoreFilesAction.SourceOneofCase.Lvm:
                findings.CheckVolumeSnapshot(
                    restore.Lvm.Name, restore.Lvm.Uuid, $"{path}.lvm.name", $"{path}.lvm.uuid", isDryRun: restore.DryRun);
                break;
            case RestoreFilesAction.SourceOneofCase.Tree:
                findings.RefuseRelative(restore.Tree.Span, $"{path}.tree");
                break;
            default:
                findings.Refuse($"{path}.zfs", "one of zfs, lvm and tree is required: what to restore from");
                break;
        }

        findings.RefuseBadPath(restore.Path.Span, $"{path}.path");
        if (restore.Path.Span.IndexOf(".."u8) >= 0 && Array.Exists(restore.Path.ToStringUtf8().Split('/'), p => p == ".."))
        {
            findings.Refuse($"{path}.path", "must not contain \"..\"");
        }

        findings.RefuseRelative(restore.Destination.Span, $"{path}.destination");
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.RestoreFiles is { } files)
        {
            attributes.Add("source", files.Source);
            attributes.Add("destination", files.Destination.ToStringUtf8());
            attributes.Add("restored_files", files.Files);
            attributes.Add("restored_bytes", files.Bytes);
        }
    }
}
