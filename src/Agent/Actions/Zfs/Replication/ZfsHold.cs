using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>One reason why a snapshot cannot be destroyed: zfs-hold(8).</summary>
/// <param name="Snapshot">Full name.</param>
internal sealed record ZfsHold(string Snapshot, string Tag)
{
    /// <summary>
    /// Reads a line of <see cref="ReplicationCommands.Holds"/>. Null if it has another shape. The third column is a local time, for people.
    /// </summary>
    public static ZfsHold? Parse(ReadOnlySpan<byte> line)
    {
        var columns = new TabReader(line);
        var hold = new ZfsHold(columns.NextText(), columns.NextText());
        columns.Next();
        return columns.IsWhole ? hold : null;
    }
}
