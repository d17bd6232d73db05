using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Tools;

/// <summary>Alone, because it looks at the memory of the whole process.</summary>
[Collection("alone")]
public class LongLineTests
{
    [Fact]
    public async Task Run_LineOfOneGibibyte_MemoryStaysBounded()
    {
        var output = new RecordingOutput();
        GC.Collect();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var result = await new ToolRunner(TimeProvider.System).RunAsync(
            new ToolRequest { Program = "sh", Arguments = ["-c", "head -c 1073741824 /dev/zero | tr '\\0' x; echo; echo after"] }, output, default);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(result.Succeeded);
        Assert.Equal([(8192, true), (5, false)], output.Lines.Select(l => (l.Text.Length, l.Truncated)));
        Assert.True(allocated < 16 * 1024 * 1024, $"{allocated} bytes were allocated");
    }
}
