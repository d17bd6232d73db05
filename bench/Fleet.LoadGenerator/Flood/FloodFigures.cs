namespace Fleet.LoadGenerator.Flood;

/// <summary>What one way of attacking did.</summary>
/// <param name="Name">The way.</param>
/// <param name="PeakBytes">Highest resident memory while it went on and after.</param>
/// <param name="RestBytes">Resident memory after the pause.</param>
/// <param name="DatabaseBytes">How much the database grew.</param>
/// <param name="LogLines">Lines that the coordinator logged.</param>
/// <param name="Latencies">From sending to the acknowledgement of results of another host, in order of size.</param>
internal sealed record FloodFigures(
    string Name, long PeakBytes, long RestBytes, long DatabaseBytes, long LogLines, List<TimeSpan> Latencies)
{
    /// <param name="share">0 to 1.</param>
    public TimeSpan Quantile(double share) =>
        Latencies.Count == 0 ? TimeSpan.MaxValue : Latencies[Math.Min((int)(share * Latencies.Count), Latencies.Count - 1)];

    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{Name,-16} peak {PeakBytes >> 20,5} MiB, then {RestBytes >> 20,5}; database +{DatabaseBytes >> 20,4} MiB; {LogLines,6} log lines; ")
        + string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"another host's {Latencies.Count} results: p50 {Quantile(0.5).TotalMilliseconds:f0} ms, p99 {Quantile(0.99).TotalMilliseconds:f0} ms, ")
        + string.Create(System.Globalization.CultureInfo.InvariantCulture, $"longest {Quantile(1).TotalMilliseconds:f0} ms");
}
