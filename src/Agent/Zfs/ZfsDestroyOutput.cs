using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Zfs;

/// <summary>Reads what <see cref="ZfsCommands.Destroy"/> prints: "destroy NAME" for each, then "reclaim BYTES".</summary>
internal sealed class ZfsDestroyOutput : IToolOutput
{
    private readonly HashSet<string> _names = [];

    /// <summary>Full names.</summary>
    public IReadOnlySet<string> Names => _names;

    public long ReclaimedBytes { get; private set; }

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

        var columns = new TabReader(line);
        var word = columns.Next();
        var isUnderstood = false;
        if (word.SequenceEqual("destroy"u8))
        {
            var name = columns.NextText();
            isUnderstood = columns.IsWhole && _names.Add(name);
        }
        else if (word.SequenceEqual("reclaim"u8))
        {
            ReclaimedBytes = columns.NextNumber();
            isUnderstood = columns.IsWhole;
        }

        if (!isUnderstood || truncated)
        {
            Refused ??= LogText.Escape(line);
        }
    }
}
