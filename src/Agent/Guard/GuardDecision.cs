using Fleet.Schedules.Retention;

namespace Fleet.Agent.Guard;

/// <summary>What the guard file says about one action.</summary>
internal sealed record GuardDecision
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
}
