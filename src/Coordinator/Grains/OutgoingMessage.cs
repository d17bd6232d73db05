namespace Fleet.Coordinator.Grains;

/// <summary>A CoordinatorMessage, serialised.</summary>
[GenerateSerializer, Immutable, Alias("fleet.OutgoingMessage")]
internal sealed record OutgoingMessage([property: Id(0)] byte[] CoordinatorMessage);
