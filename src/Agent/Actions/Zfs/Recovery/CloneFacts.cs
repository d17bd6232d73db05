using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs.Recovery;

/// <summary>A dataset, and what it was made of.</summary>
/// <param name="Origin">Full name of a snapshot. Null if it is not a clone.</param>
/// <param name="CreatedSeconds">Since 1970, by the host's clock.</param>
/// <param name="RunId">The run of Fleet's that made it. Null if somebody else did.</param>
internal sealed record CloneFacts(string Name, ZfsGuid Guid, string? Origin, long CreatedSeconds, string? RunId)
{
    /// <summary>Null if the line has another shape and must be refused.</summary>
    public static CloneFacts? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var facts = new CloneFacts(
            columns.NextText(), columns.NextGuid(), columns.NextTextOrNone(), columns.NextNumber(), columns.NextTextOrNone());
        return columns.IsWhole && ZfsNames.IsDataset(facts.Name) ? facts : null;
    }
}
