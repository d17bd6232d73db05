using System.Buffers.Text;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>What a tree holds, counted as rsync's statistics do. For trees of releases that did not write it down.</summary>
internal sealed class TreeSize : IToolOutput
{
    private bool _isOdd;

    /// <summary>Files, folders (its own, too) and links.</summary>
    public long Entries { get; private set; }

    /// <summary>Sum of the sizes of its files and links.</summary>
    public long Bytes { get; private set; }

    /// <param name="tree">A path that leads to it for certain.</param>
    /// <returns>Null if it could not be counted.</returns>
    public static async Task<TreeSize?> CountAsync(IToolRunner tools, byte[] tree, TimeSpan limit, CancellationToken cancellationToken)
    {
        var size = new TreeSize();
        var request = new ToolRequest
        {
            Program = "find",
            Arguments = [ToolArgument.Join("", [.. tree, (byte)'/']), "-printf", "%y%s\\n"],
            Timeout = limit
        };
        var result = await tools.RunAsync(request, size, cancellationToken);
        return result.Succeeded && !size._isOdd ? size : null;
    }

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream != LogStream.Stdout)
        {
            return;
        }

        Entries++;
        if (line is not [var type, .. var digits] || !Utf8Parser.TryParse(digits, out long bytes, out var read) || read != digits.Length)
        {
            _isOdd = true;
        }
        else if (type is (byte)'f' or (byte)'l')
        {
            Bytes += bytes;
        }
    }
}
