namespace Fleet.Coordinator.Grains;

/// <summary>A request to begin a session.</summary>
/// <param name="Hello">The agent's Hello, serialised.</param>
/// <param name="Address">Address of the peer.</param>
/// <param name="ReceivedAt">When the Hello arrived, by the coordinator's clock.</param>
[GenerateSerializer, Immutable, Alias("fleet.SessionOpening")]
internal sealed record SessionOpening(
    [property: Id(0)] string SessionId,
    [property: Id(1)] byte[] Hello,
    [property: Id(2)] string Address,
    [property: Id(3)] DateTimeOffset ReceivedAt);
