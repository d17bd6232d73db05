namespace Fleet.Coordinator.Tests.Flood;

/// <summary>Not beside other tests.</summary>
[CollectionDefinition(nameof(FloodAlone), DisableParallelization = true)]
public sealed class FloodAlone;
