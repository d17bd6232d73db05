using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Checks that actions on ZFS and LVM snapshots share.</summary>
internal static class SnapshotFields
{
    public const string NoIdentity = "is required: another snapshot may have taken the name";
    public const string IdentityMissing = "is required unless it is a dry run, whose result says it: names can be given again";

    public static void RefuseCount(this ActionFindings findings, int snapshots, string field)
    {
        if (snapshots is 0 or > 100)
        {
            findings.Refuse(field, "is required: 1 to 100 snapshots");
        }
    }

    public static void CheckHook(this ActionFindings findings, SnapshotHook? hook, string path)
    {
        if (hook is null)
        {
            return;
        }

        if (hook.Command is null)
        {
            findings.Refuse($"{path}.command", "is required");
        }
        else
        {
            findings.CheckCommand(hook.Command, $"{path}.command");
        }

        findings.Check(hook.Timeout, $"{path}.timeout", PolicyLimits.ShortestTimeout, PolicyLimits.LongestHook);
    }
}
