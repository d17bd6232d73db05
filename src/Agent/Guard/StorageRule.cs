namespace Fleet.Agent.Guard;

/// <summary>A dataset or volume with everything in it, what may be done with it, and what must survive.</summary>
/// <param name="Name">"tank/data"; "vg/home", or "vg" for every volume of a group.</param>
/// <param name="Allow">Some of <see cref="ZfsVerbs"/> or <see cref="LvmVerbs"/>.</param>
/// <param name="KeepNewest">
/// prune: the newest N snapshots of a policy survive on each dataset or volume, whatever is asked. rollback: with any N but 0, nothing
/// newer may be destroyed.
/// </param>
/// <param name="YoungestAge">prune, rollback: nothing younger is destroyed.</param>
/// <param name="Text">The rule with file and line. Safe to log.</param>
internal sealed record StorageRule(string Name, IReadOnlyList<string> Allow, int KeepNewest, TimeSpan YoungestAge, string Text)
{
    /// <summary>Everything that can be allowed for a dataset.</summary>
    public static readonly IReadOnlyList<string> ZfsVerbs = ["snapshot", "prune", "send", "receive", "scrub", "hold", "rollback", "clone"];

    /// <summary>Everything that can be allowed for a volume.</summary>
    public static readonly IReadOnlyList<string> LvmVerbs = ["snapshot", "prune", "hold", "rollback"];
}
