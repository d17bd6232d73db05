using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Zfs.Recovery;

/// <summary>
/// Argument vectors of zfs(8) for putting things back. Pure. `rollback -r` and `-R`, and `destroy -r`, `-R` and `-f` are not here on
/// purpose.
/// </summary>
internal static class RecoveryCommands
{
    /// <summary>Fails when there is anything newer than the snapshot, whoever made that.</summary>
    public static IReadOnlyList<ToolArgument> Rollback(string snapshot) => ["rollback", snapshot];

    /// <summary>Property of a dataset: the run that made it from a snapshot.</summary>
    public const string CloneProperty = "fleet:clone";

    public static IReadOnlyList<ToolArgument> Clone(string snapshot, string target, string runId, bool readOnly, bool noMount) =>
    [
        "clone", "-o", $"{CloneProperty}={runId}", .. readOnly ? (ToolArgument[])["-o", "readonly=on"] : [],
        .. noMount ? (ToolArgument[])["-o", "canmount=noauto"] : [],
        snapshot, target,
    ];

    /// <summary>Guid, origin, creation and the run that made it, for <see cref="CloneFacts.Parse"/>.</summary>
    public static IReadOnlyList<ToolArgument> CloneFacts(string target) =>
        ["list", "-H", "-p", "-o", $"name,guid,origin,creation,{CloneProperty}", target];

    /// <summary>The run that made it, on one line; nothing where the property is inherited.</summary>
    public static IReadOnlyList<ToolArgument> OwnCloneProperty(string target) =>
        ["get", "-H", "-p", "-o", "value", "-s", "local", CloneProperty, target];

    /// <summary>
    /// A dataset in which there is nothing else: with a snapshot, a child or a clone of its own, or while somebody works in it, zfs
    /// refuses.
    /// </summary>
    public static IReadOnlyList<ToolArgument> DestroyClone(string target, bool dryRun) =>
        dryRun ? ["destroy", "-n", target] : ["destroy", target];
}
