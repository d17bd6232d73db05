namespace Fleet.Agent.Zfs;

/// <summary>A snapshot as `zfs list` shows it.</summary>
internal sealed record ZfsSnapshot
{
    public required string Dataset { get; init; }

    /// <summary>What follows the '@'.</summary>
    public required string Name { get; init; }

    /// <summary>Its identity, also that of a copy on another pool.</summary>
    public required ZfsGuid Guid { get; init; }

    /// <summary>Transaction group: the order in which snapshots of one pool were made, whatever the clock did.</summary>
    public required long CreateTransactionGroup { get; init; }

    /// <summary>By the clock of the host that made it. Unit: whole seconds.</summary>
    public required DateTimeOffset Creation { get; init; }

    /// <summary>Space that would be freed if it alone were destroyed.</summary>
    public required long UsedBytes { get; init; }

    public required long ReferencedBytes { get; init; }

    /// <summary>Number of holds on it: zfs-hold(8).</summary>
    public required long Holds { get; init; }

    /// <summary>
    /// The property fleet:policy. Null if there is none. It may be inherited (<see cref="ZfsDataset.MasksOwnership"/>), so before anything
    /// is destroyed the property's source is asked for as well.
    /// </summary>
    public required string? Policy { get; init; }

    /// <summary>The property fleet:run.</summary>
    public required string? RunId { get; init; }

    /// <summary>The property fleet:host.</summary>
    public required string? HostId { get; init; }

    public string FullName => $"{Dataset}@{Name}";
}

/// <summary>
/// Reads lines of <see cref="ZfsCommands.Snapshots"/>. Neighbours mostly share dataset, policy and host, so these are kept once
/// and not once per snapshot.
/// </summary>
internal sealed class ZfsSnapshotListParser
{
    private string? _dataset;
    private string? _policy;
    private string? _hostId;

    /// <summary>Null if the line has another shape and must be refused.</summary>
    public ZfsSnapshot? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var name = columns.NextText();
        var at = name.IndexOf('@', StringComparison.Ordinal);
        if (at < 0 || !ZfsNames.IsDataset(name.AsSpan(0, at)) || !ZfsNames.IsSnapshotPart(name.AsSpan(at + 1)))
        {
            return null;
        }

        var snapshot = new ZfsSnapshot
        {
            Dataset = Shared(ref _dataset, name[..at])!,
            Name = name[(at + 1)..],
            Guid = columns.NextGuid(),
            CreateTransactionGroup = columns.NextNumber(),
            Creation = Instant(ref columns),
            UsedBytes = columns.NextNumber(),
            ReferencedBytes = columns.NextNumber(),
            Holds = columns.NextNumber(),
            Policy = Shared(ref _policy, columns.NextTextOrNone()),
            RunId = columns.NextTextOrNone(),
            HostId = Shared(ref _hostId, columns.NextTextOrNone()),
        };
        return columns.IsWhole ? snapshot : null;
    }

    private static string? Shared(ref string? known, string? text)
    {
        if (text is not null && text != known)
        {
            known = text;
        }

        return text is null ? null : known;
    }

    private static DateTimeOffset Instant(ref TabReader columns)
    {
        var seconds = columns.NextNumber();
        if (seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        columns.Refuse();
        return default;
    }
}
