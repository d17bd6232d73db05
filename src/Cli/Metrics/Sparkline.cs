namespace Fleet.Cli.Metrics;

/// <summary>A curve on one line of ASCII characters, from <c>_</c> (lowest) to <c>#</c> (highest).</summary>
internal static class Sparkline
{
    private const string Levels = "_.-=+*#";
    private const int Width = 24;

    public static string Of(IEnumerable<double> values)
    {
        var all = values.Where(double.IsFinite).ToArray();
        if (all.Length < 2)
        {
            return "";
        }

        var (low, high) = (all.Min(), all.Max());
        return string.Concat(Enumerable.Range(0, Math.Min(Width, all.Length)).Select(i =>
        {
            var value = all[(int)((long)i * all.Length / Math.Min(Width, all.Length))];
            return high > low ? Levels[(int)((value - low) / (high - low) * (Levels.Length - 1))] : Levels[0];
        }));
    }
}
