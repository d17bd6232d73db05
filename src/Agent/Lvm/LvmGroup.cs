namespace Fleet.Agent.Lvm;

/// <summary>A volume group as vgs(8) shows it.</summary>
internal sealed record LvmGroup
{
    public required string Uuid { get; init; }

    public required string Name { get; init; }

    /// <summary>The letters of vg_attr: vgs(8), NOTES.</summary>
    public required string Attributes { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>Not allocated to any volume.</summary>
    public required long FreeBytes { get; init; }

    /// <summary>The unit of allocation.</summary>
    public required long ExtentBytes { get; init; }

    /// <summary>Number of missing disks.</summary>
    public required long MissingDevices { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }
}
