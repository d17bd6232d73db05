namespace Fleet.Agent.Zfs;

/// <summary>What was written to a dataset since a snapshot of it. A line of <see cref="ZfsCommands.WrittenSince"/>.</summary>
internal sealed record ZfsWritten(string Dataset, long Bytes)
{
    /// <summary>Null if the line has another shape and must be refused.</summary>
    public static ZfsWritten? Parse(ReadOnlySpan<byte> line, string snapshot)
    {
        var columns = new TabReader(line);
        var name = columns.NextText();
        var property = columns.NextText();
        var written = new ZfsWritten(name, columns.NextNumber());
        return columns.IsWhole && property == $"written@{snapshot}" && ZfsNames.IsDataset(name) ? written : null;
    }
}
