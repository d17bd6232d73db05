namespace Fleet.Coordinator.Grains;

/// <summary>An attempt that an agent says is running.</summary>
[GenerateSerializer, Immutable, Alias("fleet.RunningAttempt")]
internal sealed record RunningAttempt([property: Id(0)] string RunId, [property: Id(1)] int Attempt);
