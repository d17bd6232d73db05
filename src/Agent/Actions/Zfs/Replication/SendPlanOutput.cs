using System.Globalization;
using System.Text;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>Collects what `zfs send -n -P -v` says: how much it would be, and of a resume token which snapshot it is about.</summary>
internal sealed class SendPlanOutput : IToolOutput
{
    /// <summary>Unit: bytes. Null: it was not said.</summary>
    public long? SizeBytes { get; private set; }

    /// <summary>The snapshot that an interrupted transfer was about. Null: it was not said.</summary>
    public ZfsGuid? ResumedGuid { get; private set; }

    /// <summary>Its full name when the transfer began, as the token says: it can be anything.</summary>
    public string ResumedName { get; private set; } = "";

    public StderrLines Errors { get; } = new();

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        var text = Encoding.UTF8.GetString(line);
        if (text.StartsWith("size\t", StringComparison.Ordinal) && long.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            SizeBytes = size;
        }
        else if (text.StartsWith("\ttoguid = 0x", StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(12), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var guid) && guid != 0)
        {
            ResumedGuid = new ZfsGuid(guid);
        }
        else if (text.StartsWith("\ttoname = ", StringComparison.Ordinal))
        {
            ResumedName = text[10..];
        }
        else if (stream == LogStream.Stderr)
        {
            Errors.Add(line);
        }
    }
}
