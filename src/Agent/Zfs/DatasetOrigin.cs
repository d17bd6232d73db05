namespace Fleet.Agent.Zfs;

/// <summary>A dataset of a pool, as far as it decides about the snapshots of others and its own.</summary>
/// <param name="Origin">The snapshot that it is a clone of. Null if it is not a clone.</param>
/// <param name="MasksOwnership">
/// It carries fleet:policy or fleet:run, which its snapshots inherit, so nothing tells which of them Fleet made.
/// </param>
internal sealed record DatasetOrigin(string Dataset, string? Origin, bool MasksOwnership)
{
    /// <summary>A line of <see cref="ZfsCommands.Origins"/>. Null if it has another shape and must be refused.</summary>
    public static DatasetOrigin? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var dataset = columns.NextText();
        var origin = columns.NextTextOrNone();
        var policy = columns.NextTextOrNone();
        var run = columns.NextTextOrNone();
        return columns.IsWhole && ZfsNames.IsDataset(dataset)
            ? new DatasetOrigin(dataset, origin, policy is not null || run is not null)
            : null;
    }
}
