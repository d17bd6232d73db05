namespace Fleet.Agent.Zfs;

/// <summary>Reads a line of <see cref="ZfsCommands.WrittenSince"/>. Pure.</summary>
internal static class ZfsWrittenParser
{
    /// <summary>Null: the line has another shape and must be refused.</summary>
    public static Written? Parse(ReadOnlySpan<byte> line, string snapshot)
    {
        var columns = new TabReader(line);
        var name = columns.NextText();
        var property = columns.NextText();
        var written = new Written(name, columns.NextNumber());
        return columns.IsWhole && property == $"written@{snapshot}" && ZfsNames.IsDataset(name) ? written : null;
    }

    internal sealed record Written(string Dataset, long Bytes);
}
