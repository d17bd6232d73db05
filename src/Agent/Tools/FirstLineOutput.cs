using System.Text;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tools;

/// <summary>Keeps the first line that a tool prints, for versions and one-word answers.</summary>
internal sealed class FirstLineOutput : IToolOutput
{
    /// <summary>Escaped for logs. Empty: nothing was printed.</summary>
    public string Line { get; private set; } = "";

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (Line.Length == 0)
        {
            Line = LogText.Escape(Encoding.UTF8.GetString(line).Trim());
        }
    }
}
