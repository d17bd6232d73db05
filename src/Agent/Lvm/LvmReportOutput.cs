using System.Buffers;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Lvm;

/// <summary>Collects a report, which can only be read as a whole. Not to be read before the tool has ended.</summary>
internal sealed class LvmReportOutput : IToolOutput
{
    /// <summary>For <see cref="ToolRequest.MaxLineBytes"/>: lvm prints a volume with all its tags on one line.</summary>
    public const int MaxLineBytes = 64 * 1024;

    /// <summary>Some 20,000 volumes.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _report = new();

    /// <summary>Empty when it was too long or a line was cut: half a report says nothing.</summary>
    public ReadOnlyMemory<byte> Report => IsCut ? default : _report.WrittenMemory;

    public bool IsCut { get; private set; }

    public StderrLines Errors { get; } = new();

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream == LogStream.Stderr)
        {
            Errors.Add(line);
        }
        else if (truncated || _report.WrittenCount + line.Length >= MaxBytes)
        {
            IsCut = true;
        }
        else
        {
            _report.Write(line);
            _report.Write("\n"u8);
        }
    }
}
