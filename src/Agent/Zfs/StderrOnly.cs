using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Zfs;

/// <summary>For commands that print nothing of interest but their errors.</summary>
internal sealed class StderrOnly : IToolOutput
{
    public StderrLines Errors { get; } = new();

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream == LogStream.Stderr)
        {
            Errors.Add(line);
        }
    }
}
