using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>
/// Argument vectors of zfs(8) for replication, OpenZFS 2.1 or newer. Pure. Names must have passed <see cref="ZfsNames"/>. What is not here
/// on purpose: `receive -F`, `rollback`, `send -R` and anything else that could destroy something on the target.
/// </summary>
internal static class ReplicationCommands
{
    /// <summary>Bookmarks of these datasets and of no other, oldest first, for <see cref="ZfsBookmark.Parse"/>.</summary>
    public static IReadOnlyList<ToolArgument> Bookmarks(IEnumerable<string> datasets) =>
        ["list", "-H", "-p", "-t", "bookmark", "-s", "createtxg", "-o", "name,guid,createtxg,creation", "-d", "1", .. datasets.Select(
            d => (ToolArgument)d)];

    /// <summary>Who holds these snapshots, for <see cref="ZfsHold.Parse"/>. Releases before 2.2 do not know -p.</summary>
    public static IReadOnlyList<ToolArgument> Holds(IEnumerable<string> snapshots) =>
        ["holds", "-H", .. snapshots.Select(s => (ToolArgument)s)];

    public static IReadOnlyList<ToolArgument> Hold(string tag, string snapshot) => ["hold", tag, snapshot];

    public static IReadOnlyList<ToolArgument> Release(string tag, IEnumerable<string> snapshots) =>
        ["release", tag, .. snapshots.Select(s => (ToolArgument)s)];

    public static IReadOnlyList<ToolArgument> Bookmark(string snapshot, string bookmark) => ["bookmark", snapshot, bookmark];

    /// <summary>Never a snapshot: the '#' of its full name says so.</summary>
    public static IReadOnlyList<ToolArgument> DestroyBookmark(ZfsBookmark bookmark) => ["destroy", bookmark.FullName];

    /// <summary>Sends a step, or says what it would send.</summary>
    /// <param name="raw">As it is on disk, encrypted. What is sent so can only be continued so, and the other way round.</param>
    public static IReadOnlyList<ToolArgument> Send(ReplicationStep step, bool raw, bool dryRun) =>
    [
        "send", .. DryRun(dryRun), .. raw ? (ToolArgument[])["-w"] : ["-L", "-e", "-c"],
        .. step.From is { } from ? (ToolArgument[])[step.WithIntermediates ? "-I" : "-i", from] : [], step.To.FullName,
    ];

    /// <summary>Goes on with an interrupted transfer, or says what that would send, for <see cref="SendPlanOutput"/>.</summary>
    public static IReadOnlyList<ToolArgument> Resume(string token, bool dryRun) => ["send", .. DryRun(dryRun), "-t", token];

    /// <summary>Receives so that it can be resumed (-s), and mounts nothing (-u).</summary>
    /// <param name="kind">Of a dataset that is made by it; null for one that exists.</param>
    public static IReadOnlyList<ToolArgument> Receive(string target, ZfsDatasetType? kind) =>
    [
        "receive", "-s", "-u",
        .. kind is not null ? (ToolArgument[])["-o", "readonly=on"] : [],
        .. kind == ZfsDatasetType.FileSystem ? (ToolArgument[])["-o", "canmount=noauto"] : [],
        target,
    ];

    /// <summary>Drops what an interrupted transfer has left, and nothing else.</summary>
    public static IReadOnlyList<ToolArgument> DropPartial(string target) => ["receive", "-A", target];

    /// <summary>Marks a copied snapshot as its original is: a stream that can be resumed carries no properties.</summary>
    public static IReadOnlyList<ToolArgument> Mark(string copy, ZfsSnapshot original) =>
    [
        "set", $"{ZfsCommands.PolicyProperty}={original.Policy}", $"{ZfsCommands.RunProperty}={original.RunId}",
        .. original.HostId is { } host ? (ToolArgument[])[$"{ZfsCommands.HostProperty}={host}"] : [], copy,
    ];

    private static ToolArgument[] DryRun(bool dryRun) => dryRun ? ["-n", "-P", "-v"] : [];
}
