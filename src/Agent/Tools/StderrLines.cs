using Fleet.Agent.Logging;

namespace Fleet.Agent.Tools;

/// <summary>The first lines that a tool wrote to stderr: at most 50, each at most 1,024 characters. Safe to show.</summary>
internal sealed class StderrLines
{
    private const int MaxLines = 50;
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(ReadOnlySpan<byte> line)
    {
        if (_lines.Count < MaxLines && !line.IsEmpty)
        {
            _lines.Add(LogText.Escape(line));
        }
    }
}
