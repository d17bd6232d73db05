using System.Diagnostics;
using System.Globalization;
using Fleet.Schedules.Retention;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.RetentionBench;

/// <summary>Plans hourly copies again and again: oldest first, as <c>zfs list</c> prints them, or in a random order.</summary>
internal sealed class PlanMeasurement
{
    private readonly RetentionPolicy _policy;
    private readonly RetentionCandidate[] _copies;
    private readonly ClockCheck _clock;

    public PlanMeasurement(KeepRules keep, TimeZoneInfo zone, int count, bool isShuffled)
    {
        _policy = new RetentionPolicy { Name = "hourly", Keep = keep, Zone = zone };
        var newest = new DateTimeOffset(2026, 11, 22, 13, 0, 7, TimeSpan.Zero);
        _copies = [.. Enumerable.Range(0, count).Select(i => Copy(i, newest.AddHours(i + 1 - count)))];
        if (isShuffled)
        {
            new Random(1).Shuffle(_copies);
        }

        _clock = ClockGuard
            .Check(
                new ClockReading(newest.AddMinutes(5), TimeSpan.FromDays(3), "boot"),
                isSynchronised: true,
                ClockMemory.Empty,
                new ClockLimits())
            .Check;
    }

    /// <summary>
    /// What one plan takes, after the runtime has got used to it: the least, the medians, and what the last plan allocated and keeps.
    /// </summary>
    public (TimeSpan Least, TimeSpan Wall, TimeSpan Cpu, long AllocatedBytes, int Kept) Run(int rounds)
    {
        var walls = new TimeSpan[rounds];
        var cpus = new TimeSpan[rounds];
        var allocated = 0L;
        var kept = 0;
        for (var i = -rounds; i < rounds; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var cpu = Environment.CpuUsage.TotalTime;
            var started = Stopwatch.GetTimestamp();
            var plan = RetentionPlanner.Plan(_policy, _copies, _clock, RetentionGuard.None);
            walls[Math.Max(i, 0)] = Stopwatch.GetElapsedTime(started);
            cpus[Math.Max(i, 0)] = Environment.CpuUsage.TotalTime - cpu;
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            kept = plan.Decisions.Count(static d => d.Verdict == RetentionVerdict.Keep);
        }

        return (walls.Min(), Median(walls), Median(cpus), allocated, kept);
    }

    private static TimeSpan Median(TimeSpan[] times) => times.Order().ElementAt(times.Length / 2);

    private static RetentionCandidate Copy(int i, DateTimeOffset createdAt) => new()
    {
        Identity = (0x1234_5678_9abc_def0 ^ ((long)i * 0x9e37_79b9)).ToString(CultureInfo.InvariantCulture),
        Name = $"tank/data@fleet_hourly_{createdAt:yyyyMMddTHHmmssZ}",
        CreatedAt = createdAt,
        OrderKey = (ulong)(1_000 + (i * 12)),
        IsComplete = true,
    };
}
