using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>The first thing that a tool said to stderr.</summary>
internal sealed class FirstError : IToolOutput
{
    private string _text = "";

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream == LogStream.Stderr && _text.Length == 0)
        {
            _text = LogText.Escape(line);
        }
    }

    /// <summary>What the tool said; how it ended, where it said nothing.</summary>
    public string Why(ToolResult tool) => _text.Length > 0 && tool.End == ToolEnd.Exited ? _text : ToolOutcome.ToResult(tool).Message;
}
