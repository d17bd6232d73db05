using System.Text;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// Collects what --stats prints (output_summary in rsync's main.c), line by line. Numbers may have thousands separators.
/// A line that starts as one of these and holds no number is remembered in <see cref="Unreadable"/>.
/// </summary>
internal sealed class RsyncStatsParser
{
    private const int ExpectedLines = 10;
    private int _linesRead;

    public RsyncStatistics Statistics { get; } = new();

    /// <summary>The first line that should hold a number and does not. Null if there is none.</summary>
    public string? Unreadable { get; private set; }

    /// <summary>All lines came and were read.</summary>
    public bool Complete => _linesRead == ExpectedLines && Unreadable is null;

    /// <summary>False if not a line of the statistics.</summary>
    public bool TryLine(ReadOnlySpan<byte> line)
    {
        if (Value(line, "Number of files: "u8, out var value))
        {
            Statistics.Files = value;
        }
        else if (Value(line, "Number of created files: "u8, out value))
        {
            Statistics.FilesCreated = value;
        }
        else if (Value(line, "Number of deleted files: "u8, out value))
        {
            Statistics.FilesDeleted = value;
        }
        else if (Value(line, "Number of regular files transferred: "u8, out value))
        {
            Statistics.FilesTransferred = value;
        }
        else if (Value(line, "Total file size: "u8, out value))
        {
            Statistics.TotalBytes = value;
        }
        else if (Value(line, "Total transferred file size: "u8, out value))
        {
            Statistics.TransferredBytes = value;
        }
        else if (Value(line, "Literal data: "u8, out value))
        {
            Statistics.LiteralBytes = value;
        }
        else if (Value(line, "Matched data: "u8, out value))
        {
            Statistics.MatchedBytes = value;
        }
        else if (Value(line, "Total bytes sent: "u8, out value))
        {
            Statistics.SentBytes = value;
        }
        else if (Value(line, "Total bytes received: "u8, out value))
        {
            Statistics.ReceivedBytes = value;
        }
        else
        {
            return false;
        }

        return true;
    }

    private bool Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> prefix, out long value)
    {
        value = 0;
        if (!line.StartsWith(prefix))
        {
            return false;
        }

        var digits = 0;
        foreach (var b in line[prefix.Length..])
        {
            if (b is >= (byte)'0' and <= (byte)'9' && digits < 18)
            {
                value = (value * 10) + (b - '0');
                digits++;
            }
            else if (b is not ((byte)',' or (byte)'.'))
            {
                break;
            }
        }

        if (digits == 0)
        {
            value = 0;
            Unreadable ??= Encoding.UTF8.GetString(line);
        }

        _linesRead++;
        return true;
    }
}
