using System.Globalization;
using System.Text;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>Collects what `zfs send -n -P -v` says: how much it would be, and of a resume token which snapshot it is about.</summary>
/// <remarks>
/// A token comes from the other host, and zfs prints whatever texts are in it, line feeds included: one that says two things is about
/// nothing.
/// </remarks>
internal sealed class SendPlanOutput : IToolOutput
{
    private ZfsGuid? _guid;
    private string _name = "";
    private int _guids, _names;

    /// <summary>Unit: bytes. Null if it was not given.</summary>
    public long? SizeBytes { get; private set; }

    /// <summary>The snapshot that an interrupted transfer was about. Null if it was not given.</summary>
    public ZfsGuid? ResumedGuid => SaysOneThing ? _guid : null;

    /// <summary>Its full name when the transfer began, as the token says: it can be anything.</summary>
    public string ResumedName => SaysOneThing ? _name : "";

    public StderrLines Errors { get; } = new();

    private bool SaysOneThing => _guids <= 1 && _names <= 1;

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        var text = Encoding.UTF8.GetString(line);
        if (text.StartsWith("size\t", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            SizeBytes = size;
        }
        else if (text.StartsWith("\ttoguid = ", StringComparison.Ordinal))
        {
            _guids++;
            _guid = text.AsSpan(10) is ['0', 'x', .. var digits]
                && ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var guid) && guid != 0
                    ? new ZfsGuid(guid)
                    : null;
        }
        else if (text.StartsWith("\ttoname = ", StringComparison.Ordinal))
        {
            _names++;
            _name = text[10..];
        }
        else if (stream == LogStream.Stderr)
        {
            Errors.Add(line);
        }
    }
}
