using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Tools;

public class LongLineTests
{
    [Fact]
    public async Task Run_LineOfOneGibibyte_MemoryStaysBounded()
    {
        var output = new MeasuringOutput();
        var result = await new ToolRunner(TimeProvider.System).RunAsync(
            new ToolRequest { Program = "sh", Arguments = ["-c", "head -c 1073741824 /dev/zero | tr '\\0' x; echo; echo after"] },
            output,
            default);
        Assert.True(result.Succeeded);
        Assert.Equal([(8192, true), (5, false)], output.Lines);
        Assert.True(output.AllocatedBytes < 1024 * 1024, $"{output.AllocatedBytes} bytes were allocated");
    }

    /// <summary>Lines come on the thread that reads them, so what that thread allocated is what reading them cost.</summary>
    private sealed class MeasuringOutput : IToolOutput
    {
        public List<(int Length, bool Truncated)> Lines { get; } = [];

        public long AllocatedBytes { get; private set; }

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            Lines.Add((line.Length, truncated));
            AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
        }
    }
}
