using Fleet.Agent.Files;
using Fleet.Schedules.Retention;

namespace Fleet.Agent.Guard;

/// <summary>What the guard file says about one action. Holds open what it allowed: disposed when the run has ended.</summary>
internal sealed record GuardDecision : IDisposable
{
    public required bool Allowed { get; init; }

    /// <summary>The rule that decided, with file and line: for ActionResult.refused_by. Safe to log.</summary>
    public required string Rule { get; init; }

    /// <summary>Why, and what to change in the guard file, in one sentence. Safe to log.</summary>
    public required string Message { get; init; }

    /// <summary>Mirror: no more deletions than this, whatever the policy says.</summary>
    public long MaxDelete { get; init; } = long.MaxValue;

    /// <summary>Dated trees: what survives whatever the policy says.</summary>
    public RetentionGuard Versions { get; init; } = RetentionGuard.None;

    /// <summary>ZFS and LVM: what is allowed for each dataset or volume. The action asks again for every one that it finds.</summary>
    public StorageRules Storage { get; init; } = StorageRules.None;

    /// <summary>Restores of files: the rule, and the destination as it was judged.</summary>
    public RestoreAllowance? Restore { get; init; }

    /// <summary>rsync: the local source. Null if it is on another host.</summary>
    public GuardedPath? Source { get; init; }

    /// <summary>rsync: the local destination. Null if it is on another host.</summary>
    public GuardedPath? Destination { get; init; }

    /// <summary>Commands: the folders that they work in, by their names in the action. "/" needs none.</summary>
    public IReadOnlyList<(string Name, GuardedPath Folder)> WorkingFolders { get; init; } = [];

    /// <summary>Tools that walk trees by name see nothing but those trees. False if this host's guard file waives that.</summary>
    public bool Confine { get; init; } = true;

    /// <summary>What such a tool must not see in the source. Absolute, without links.</summary>
    public IReadOnlyList<byte[]> Hidden { get; init; } = [];

    public void Dispose()
    {
        Source?.Dispose();
        Destination?.Dispose();
        Restore?.Dispose();
        foreach (var (_, folder) in WorkingFolders)
        {
            folder.Dispose();
        }
    }
}
