using System.Text;
using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Zfs;

/// <summary>What must hold of a snapshot at the moment when something is done to it.</summary>
internal sealed record ZfsIdentity
{
    /// <summary>Full name.</summary>
    public required string Snapshot { get; init; }

    public required ZfsGuid Guid { get; init; }

    public required long Holds { get; init; }

    /// <summary>fleet:policy, set on the snapshot itself. Null if there is none.</summary>
    public required string? Policy { get; init; }

    /// <summary>fleet:run, set on the snapshot itself. Null if there is none.</summary>
    public required string? RunId { get; init; }
}

/// <summary>
/// Collects what <see cref="ZfsCommands.Identity"/> prints. A snapshot that is missing from it could not be identified with certainty.
/// </summary>
internal sealed class ZfsIdentityOutput : IToolOutput
{
    private readonly ZfsIdentityParser _parser = new();
    private readonly Dictionary<string, ZfsIdentity> _snapshots = [];

    /// <summary>By full name.</summary>
    public IReadOnlyDictionary<string, ZfsIdentity> Snapshots => _snapshots;

    /// <summary>The first line that was not understood, safe to show. Null if all were understood.</summary>
    public string? Refused { get; private set; }

    public StderrLines Errors { get; } = new();

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream == LogStream.Stderr)
        {
            Errors.Add(line);
            return;
        }

        var identity = _parser.Line(line, out var understood);
        if (!understood || truncated || (identity is not null && !_snapshots.TryAdd(identity.Snapshot, identity)))
        {
            Refused ??= LogText.Escape(line);
        }
    }
}

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
    /// <param name="understood">False if the line has another shape, or belongs to another snapshot than the lines before it.</param>
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
                return understood
                    ? new ZfsIdentity { Snapshot = name, Guid = _guid!.Value, Holds = _holds!.Value, Policy = _policy, RunId = run }
                    : null;
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
