using Fleet.Agent.Tools;
using Fleet.Agent.Zfs.Pool;

namespace Fleet.Agent.Zfs;

/// <summary>
/// Argument vectors of zfs(8) and zpool(8), OpenZFS 2.1 or newer. Pure. Machine formats only: -H (no headers, tabs), -p (exact
/// numbers). Names must have passed <see cref="ZfsNames"/>.
/// </summary>
internal static class ZfsCommands
{
    /// <summary>
    /// Properties of a snapshot that Fleet made: policy, run and host, and what an operator wrote about one without a policy.
    /// </summary>
    public const string PolicyProperty = "fleet:policy", RunProperty = "fleet:run", HostProperty = "fleet:host",
    NoteProperty = "fleet:note";

    private const string PoolColumns = "name,guid,size,allocated,free,freeing,fragmentation,capacity,health,readonly";

    // mountpoint is free text and comes last, so that a tab in it does no harm.
    private const string DatasetColumnsBefore =
        "name,guid,type,used,available,referenced,quota,refquota,readonly,encryptionroot,keystatus,mounted,canmount,origin,written,";

    private const string DatasetColumnsAfter = $"receive_resume_token,{PolicyProperty},mountpoint";

    private const string SnapshotColumns =
        $"name,guid,createtxg,creation,used,referenced,userrefs,{PolicyProperty},{RunProperty},{HostProperty}";

    /// <summary>What zfs and zpool need besides the runner's own environment: `zpool status` prints local times.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string> { ["TZ"] = "UTC" };

    /// <summary>zpool: every imported pool, one line each, for <see cref="ZfsPool.Parse"/>.</summary>
    public static IReadOnlyList<ToolArgument> Pools() => ["list", "-H", "-p", "-o", PoolColumns];

    /// <summary>zpool: state of one pool, for <see cref="ZpoolStatusParser"/>.</summary>
    public static IReadOnlyList<ToolArgument> PoolStatus(string pool) => ["status", "-p", "-P", pool];

    /// <summary>zfs: a dataset and everything below it, for <see cref="ZfsDataset.Parse"/>.</summary>
    /// <param name="root">A pool or a dataset.</param>
    /// <param name="withSnapshotsChanged">Ask for snapshots_changed, which releases before 2.2 refuse.</param>
    public static IReadOnlyList<ToolArgument> Datasets(string root, bool withSnapshotsChanged) =>
    [
        "list", "-H", "-p", "-t", "filesystem,volume", "-o",
        $"{DatasetColumnsBefore}{(withSnapshotsChanged ? "snapshots_changed," : "")}{DatasetColumnsAfter}", "-r", root,
    ];

    /// <summary>
    /// zfs: what a snapshot would be made of, for <see cref="ZfsTarget.Parse"/>. No column is free text, so nothing in the list
    /// can be made up.
    /// </summary>
    public static IReadOnlyList<ToolArgument> Targets(string root, bool recursive) =>
        ["list", "-H", "-p", "-t", "filesystem,volume", "-o", "name,guid,written", .. recursive ? (ToolArgument[])["-r"] : [], root];

    /// <summary>
    /// zfs: of which snapshots the pool has clones, and which datasets carry Fleet's properties themselves, for
    /// <see cref="DatasetOrigin.Parse"/>.
    /// </summary>
    public static IReadOnlyList<ToolArgument> Origins(string pool) =>
        ["list", "-H", "-p", "-t", "filesystem,volume", "-o", $"name,origin,{PolicyProperty},{RunProperty}", "-r", pool];

    /// <summary>
    /// zfs: whether the snapshots of these datasets changed, for <see cref="ZfsChangeMark.Parse"/>. Releases before 2.2 refuse.
    /// </summary>
    public static IReadOnlyList<ToolArgument> ChangeMarks(IEnumerable<string> datasets) =>
        ["list", "-H", "-p", "-t", "filesystem,volume", "-o", "name,guid,origin,snapshots_changed", .. datasets.Select(
            d => (ToolArgument)d)];

    /// <summary>zfs: what was written to these datasets since a snapshot of that name, for <see cref="ZfsWritten.Parse"/>.</summary>
    public static IReadOnlyList<ToolArgument> WrittenSince(string snapshot, IEnumerable<string> datasets) =>
        ["get", "-H", "-p", "-o", "name,property,value", $"written@{snapshot}", .. datasets.Select(d => (ToolArgument)d)];

    /// <summary>zpool: what was written so far is on disk afterwards, and counted.</summary>
    public static IReadOnlyList<ToolArgument> Sync(string pool) => ["sync", pool];

    /// <summary>zfs: exactly these snapshots, for <see cref="ZfsSnapshotListParser"/>.</summary>
    public static IReadOnlyList<ToolArgument> SnapshotsNamed(IEnumerable<string> snapshots) =>
        ["list", "-H", "-p", "-t", "snapshot", "-o", SnapshotColumns, .. snapshots.Select(s => (ToolArgument)s)];

    /// <summary>zfs: the snapshots of these datasets and of no other, oldest first, for <see cref="ZfsSnapshotListParser"/>.</summary>
    public static IReadOnlyList<ToolArgument> Snapshots(IReadOnlyList<string> datasets) =>
        ["list", "-H", "-p", "-t", "snapshot", "-s", "createtxg", "-o", SnapshotColumns, "-d", "1", .. datasets.Select(
            d => (ToolArgument)d)];

    /// <summary>
    /// zfs: names and identities of the snapshots of these datasets, oldest first, for <see cref="ZfsSnapshotId.Parse"/>. From 2.2 on these
    /// three are all that zfs list knows without asking for properties.
    /// </summary>
    public static IReadOnlyList<ToolArgument> SnapshotIds(IReadOnlyList<string> datasets) =>
        ["list", "-H", "-p", "-t", "snapshot", "-s", "createtxg", "-o", "name,guid,createtxg", "-d", "1", .. datasets.Select(
            d => (ToolArgument)d)];

    /// <summary>zfs: makes snapshots of all these datasets at one instant. All are in one pool; either all are made or none.</summary>
    public static IReadOnlyList<ToolArgument> Snapshot(
        IReadOnlyList<string> datasets, bool recursive, string name, IReadOnlyList<KeyValuePair<string, string>> properties)
    {
        List<ToolArgument> arguments = ["snapshot"];
        if (recursive)
        {
            arguments.Add("-r");
        }

        foreach (var (property, value) in properties)
        {
            arguments.Add("-o");
            arguments.Add($"{property}={value}");
        }

        arguments.AddRange(datasets.Select(d => (ToolArgument)$"{d}@{name}"));
        return arguments;
    }

    /// <summary>
    /// zfs: destroys snapshots of one dataset, for <see cref="ZfsDestroyOutput"/>. All or none: of a list with a held one, none goes. A
    /// name that is not there is passed over in silence.
    /// </summary>
    /// <param name="names">What follows the '@'.</param>
    public static IReadOnlyList<ToolArgument> Destroy(string dataset, IReadOnlyList<string> names) =>
        ["destroy", "-p", "-v", $"{dataset}@{string.Join(',', names)}"];

    /// <summary>zfs: what must hold of snapshots right before they are destroyed, for <see cref="ZfsIdentityParser"/>.</summary>
    public static IReadOnlyList<ToolArgument> Identity(IEnumerable<string> snapshots) =>
        ["get", "-H", "-p", "-o", "name,property,value,source", $"guid,userrefs,{PolicyProperty},{RunProperty}", .. snapshots.Select(
            s => (ToolArgument)s)];
}
