using System.Text;

namespace Fleet.Agent.Zfs;

/// <summary>
/// Reads what <see cref="ZfsCommands.Identity"/> prints: four lines for each snapshot. A property that is inherited counts as none:
/// only what was set on the snapshot itself, here or on the host that sent it, shows that Fleet made it.
/// </summary>
internal sealed class ZfsIdentityParser
{
    private string _name = "";
    private ZfsGuid? _guid;
    private long? _holds;
    private string? _policy;

    /// <summary>One line. The snapshot that it completes; null: more lines are needed, or it was not understood.</summary>
    /// <param name="understood">False: the line has another shape, or belongs to another snapshot than the lines before it.</param>
    public ZfsIdentity? Line(ReadOnlySpan<byte> line, out bool understood)
    {
        var columns = new TabReader(line);
        var name = columns.NextText();
        var property = Encoding.ASCII.GetString(columns.Next());
        switch (property)
        {
            case "guid":
                (_name, _guid, _holds, _policy) = (name, columns.NextGuid(), null, null);
                columns.Next();
                understood = columns.IsWhole;
                return null;
            case "userrefs":
                _holds = columns.NextNumber();
                columns.Next();
                understood = columns.IsWhole && name == _name;
                return null;
            case ZfsCommands.PolicyProperty:
                _policy = Own(ref columns);
                understood = columns.IsWhole && name == _name;
                return null;
            case ZfsCommands.RunProperty:
                var run = Own(ref columns);
                understood = columns.IsWhole && name == _name && _guid is not null && _holds is not null;
                return understood ? new ZfsIdentity { Snapshot = name, Guid = _guid!.Value, Holds = _holds!.Value, Policy = _policy, RunId = run } : null;
            default:
                understood = false;
                return null;
        }
    }

    private static string? Own(ref TabReader columns)
    {
        var value = columns.NextTextOrNone();
        return columns.Next() is var source && (source.SequenceEqual("local"u8) || source.SequenceEqual("received"u8)) ? value : null;
    }
}
