namespace Fleet.Coordinator.Tests.Flood;

/// <summary>Not beside other tests.</summary>
[CollectionDefinition(nameof(FloodCollection), DisableParallelization = true)]
public sealed class FloodCollection;
