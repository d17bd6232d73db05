using System.Runtime.InteropServices;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Clock;

/// <summary>
/// Whether the kernel's clock is synchronised, from adjtimex(2) with modes = 0, which only reads and needs no privilege.
/// </summary>
internal sealed partial class ClockCollector : ICollector
{
    // linux/timex.h
    private const int TimeError = 5;
    private const int StatusUnsynchronised = 0x0040;
    private const int StatusNanoseconds = 0x2000;

    public string Name => "clock";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        var timex = default(Timex);
        var state = AdjustTimex(ref timex);
        if (state < 0)
        {
            throw new IOException($"adjtimex failed with errno {Marshal.GetLastPInvokeError()}");
        }

        var synchronised = state != TimeError && (timex.Status & StatusUnsynchronised) == 0;
        writer.Add("fleet_clock_synchronised", MetricKind.Gauge, synchronised ? 1 : 0);
        writer.Add("fleet_clock_max_error_seconds", MetricKind.Gauge, timex.MaxError / 1e6);
        writer.Add("fleet_clock_offset_seconds", MetricKind.Gauge, timex.Offset / ((timex.Status & StatusNanoseconds) != 0 ? 1e9 : 1e6));
        return ValueTask.CompletedTask;
    }

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    private static partial int AdjustTimex(ref Timex timex);

    /// <summary>struct timex of 64-bit Linux: 208 bytes, of which only the beginning is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 208)]
    private struct Timex
    {
        [FieldOffset(0)]
        public uint Modes;

        [FieldOffset(8)]
        public long Offset;

        [FieldOffset(24)]
        public long MaxError;

        [FieldOffset(40)]
        public int Status;
    }
}
