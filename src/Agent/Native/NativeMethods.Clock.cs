using System.Runtime.InteropServices;

namespace Fleet.Agent.Native;

/// <summary>adjtimex(2).</summary>
internal static unsafe partial class NativeMethods
{
    [LibraryImport("libc", SetLastError = true)]
    public static partial int adjtimex(ref Timex timex);

    /// <summary>struct timex of 64-bit Linux: 208 bytes, of which only the beginning is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 208)]
    public struct Timex
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
