using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Zfs.Recovery;

/// <summary>Argument vectors of zfs(8) for putting things back. Pure. `rollback -r` and `-R` are not here on purpose.</summary>
internal static class RecoveryCommands
{
    /// <summary>Fails when there is anything newer than the snapshot, whoever made that meanwhile.</summary>
    public static IReadOnlyList<ToolArgument> Rollback(string snapshot) => ["rollback", snapshot];

    /// <summary>Property of a dataset: the run that made it out of a snapshot.</summary>
    public const string CloneProperty = "fleet:clone";

    public static IReadOnlyList<ToolArgument> Clone(string snapshot, string target, string runId, bool readOnly, bool noMount) =>
    [
        "clone", "-o", $"{CloneProperty}={runId}", .. readOnly ? (ToolArgument[])["-o", "readonly=on"] : [], .. noMount ? (ToolArgument[])["-o", "canmount=noauto"] : [],
        snapshot, target,
    ];

    /// <summary>Guid, origin and the run that made it, for <see cref="CloneFacts.Parse"/>.</summary>
    public static IReadOnlyList<ToolArgument> CloneFacts(string target) => ["list", "-H", "-p", "-o", $"name,guid,origin,{CloneProperty}", target];
}
