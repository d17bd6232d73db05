namespace Fleet.Agent.Zfs;

/// <summary>A dataset that a snapshot can be made of.</summary>
/// <param name="WrittenBytes">Since its newest snapshot, whoever made that.</param>
internal sealed record ZfsTarget(string Name, ZfsGuid Guid, long WrittenBytes)
{
    public string Pool => ZfsNames.PoolOf(Name);
}
