namespace Fleet.Coordinator.Grains;

/// <summary>How far an attempt has got.</summary>
/// <param name="Progress">A RunProgress, serialised.</param>
[GenerateSerializer, Immutable, Alias("fleet.ProgressReport")]
internal sealed record ProgressReport([property: Id(0)] int Attempt, [property: Id(1)] byte[] Progress);
