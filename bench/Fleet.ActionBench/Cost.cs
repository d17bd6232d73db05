using System.Diagnostics;
using System.Globalization;

namespace Fleet.ActionBench;

/// <summary>What something took: time on the clock, and CPU time of this process and of the children that it waited for.</summary>
internal readonly record struct Cost(TimeSpan Time, TimeSpan Cpu)
{
    /// <summary>Of this process so far. proc_pid_stat(5): utime, stime, cutime and cstime are fields 14 to 17, in ticks of 10 ms.</summary>
    public static Cost Now()
    {
        var fields = File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ');
        var ticks = fields[12..16].Sum(static field => long.Parse(field, CultureInfo.InvariantCulture));
        return new Cost(Stopwatch.GetElapsedTime(0), TimeSpan.FromMilliseconds(ticks * 10));
    }

    public static Cost operator -(Cost later, Cost earlier) => new(later.Time - earlier.Time, later.Cpu - earlier.Cpu);

    /// <summary>Of each of the two by itself.</summary>
    public static Cost Median(IReadOnlyCollection<Cost> costs) =>
        new(
            costs.Select(static c => c.Time).Order().ElementAt(costs.Count / 2),
            costs.Select(static c => c.Cpu).Order().ElementAt(costs.Count / 2));
}
