namespace Fleet.StoreBench;

/// <summary>How much history a store is filled with.</summary>
/// <param name="Span">From the oldest run to the newest.</param>
internal sealed record FillSize(int Hosts, long Runs, long Events, long Snapshots, long Audit, TimeSpan Span);
