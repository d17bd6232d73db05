using System.Diagnostics;
using System.Globalization;

namespace Fleet.GrpcBench;

/// <summary>One line of the result: how many operations a second, what each cost.</summary>
internal sealed record Measurement(string Name, long Operations, TimeSpan Elapsed, TimeSpan Cpu, long AllocatedBytes)
{
    /// <summary>Runs once to warm up and once for the record. Client and server share the process: cost is both sides together.</summary>
    public static async Task<Measurement> RunAsync(string name, long operations, Func<Task> run)
    {
        await run();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var watch = Stopwatch.StartNew();
        await run();
        var elapsed = watch.Elapsed;
        process.Refresh();
        return new Measurement(
            name, operations, elapsed, process.TotalProcessorTime - cpu, GC.GetTotalAllocatedBytes() - allocated);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-44} {Operations / Elapsed.TotalSeconds,12:N0}/s {Cpu.TotalMicroseconds / Operations,9:N1} µs CPU {AllocatedBytes / Operations,9:N0} B allocated");
}
