using System.Runtime.InteropServices;

namespace Fleet.Agent.Clock;

/// <summary>What the kernel says about its clock: adjtimex(2) with modes = 0, which only reads and needs no privilege.</summary>
internal readonly partial record struct KernelClock(bool IsSynchronised, double MaxErrorSeconds, double OffsetSeconds)
{
    // linux/timex.h
    private const int TimeError = 5;
    private const int StatusUnsynchronised = 0x0040;
    private const int StatusNanoseconds = 0x2000;

    /// <exception cref="IOException">The kernel does not say.</exception>
    public static KernelClock Read()
    {
        var timex = default(Timex);
        var state = AdjustTimex(ref timex);
        return state < 0
            ? throw new IOException($"adjtimex failed with errno {Marshal.GetLastPInvokeError()}")
            : new KernelClock(
                state != TimeError && (timex.Status & StatusUnsynchronised) == 0,
                timex.MaxError / 1e6,
                timex.Offset / ((timex.Status & StatusNanoseconds) != 0 ? 1e9 : 1e6));
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
