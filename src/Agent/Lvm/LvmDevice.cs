namespace Fleet.Agent.Lvm;

/// <summary>A disk or partition that LVM uses, as pvs(8) shows it.</summary>
internal sealed record LvmDevice
{
    public required string Uuid { get; init; }

    /// <summary>Device path. For a missing device: whatever pvs prints in its place.</summary>
    public required string Name { get; init; }

    /// <summary>Null if it belongs to no group yet.</summary>
    public required string? Group { get; init; }

    public required long SizeBytes { get; init; }

    public required long FreeBytes { get; init; }

    public required bool Missing { get; init; }
}
