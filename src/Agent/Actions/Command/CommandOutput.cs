using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Command;

/// <summary>Passes a program's lines to the run's log, and remembers the last one of stderr.</summary>
internal sealed class CommandOutput(IRunLog log) : IToolOutput
{
    /// <summary>Safe to show. Null if stderr stayed empty.</summary>
    public string? LastError { get; private set; }

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        log.Line(stream, line, truncated);
        if (stream == LogStream.Stderr && !line.IsEmpty)
        {
            LastError = LogText.Escape(line);
        }
    }
}
