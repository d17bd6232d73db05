using System.Runtime.InteropServices;
using Fleet.Agent.Native;

namespace Fleet.Agent.Host;

/// <summary>What the kernel says about its clock: adjtimex(2) with modes = 0, which only reads and needs no privilege.</summary>
internal readonly record struct KernelClock(bool IsSynchronised, double MaxErrorSeconds, double OffsetSeconds)
{
    // linux/timex.h
    private const int TimeError = 5;
    private const int StatusUnsynchronised = 0x0040;
    private const int StatusNanoseconds = 0x2000;

    /// <exception cref="IOException">The kernel does not say.</exception>
    public static KernelClock Read()
    {
        var timex = default(NativeMethods.Timex);
        var state = NativeMethods.adjtimex(ref timex);
        return state < 0
            ? throw new IOException($"adjtimex failed with errno {Marshal.GetLastPInvokeError()}")
            : new KernelClock(
                state != TimeError && (timex.Status & StatusUnsynchronised) == 0,
                timex.MaxError / 1e6,
                timex.Offset / ((timex.Status & StatusNanoseconds) != 0 ? 1e9 : 1e6));
    }
}
