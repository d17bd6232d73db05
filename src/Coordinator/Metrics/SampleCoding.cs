namespace Fleet.Coordinator.Metrics;

/// <summary>
/// How samples become bits, without losing any bit of a value.
/// <para>Time: the samples of a host share one list of instants (<see cref="Timeline"/>), so a sample only says how many instants it
/// is after the one before: bit 0 for the next one, else bit 1 and seven bits.</para>
/// <para>Value: bit 0, the same as before; bits 10, a whole number or one of up to three decimals, as the difference of its
/// difference, which is small for counters; bits 110 and 111, the bits that differ from the value before, within the same span of
/// bits or a new one (after T. Pelkonen et al., "Gorilla", VLDB 2015).</para>
/// </summary>
internal static class SampleCoding
{
    /// <summary>Number of instants in one block.</summary>
    public const int BlockLength = 120;

    public const int GapBits = 7;

    /// <summary>Sizes of a difference, chosen by two bits.</summary>
    public static ReadOnlySpan<byte> DifferenceBits => [6, 12, 23, 36];

    /// <summary>Factor that makes decimals whole, chosen by one bit.</summary>
    public static ReadOnlySpan<short> Scales => [1, 1_000];

    private const double LargestWhole = 9_007_199_254_740_992; // 2^53: every whole number up to here is exact.

    /// <summary>
    /// The previous value as a whole number of 1/scale; 0 if it is not one. Any number would do, as long as both sides use the same.
    /// </summary>
    public static long Rounded(double value, int scale)
    {
        var scaled = Math.Round(value * scale);
        return Math.Abs(scaled) <= LargestWhole ? (long)scaled : 0; // NaN compares false.
    }

    /// <summary>Whether number / scale equals this value in every bit.</summary>
    public static bool IsExact(double value, int scale, out long number)
    {
        var scaled = Math.Round(value * scale);
        if (!(Math.Abs(scaled) <= LargestWhole))
        {
            number = 0;
            return false;
        }

        number = (long)scaled;
        return BitConverter.DoubleToInt64Bits((double)number / scale) == BitConverter.DoubleToInt64Bits(value);
    }

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
