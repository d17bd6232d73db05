namespace Fleet.Coordinator.Grains;

/// <summary>What a live session reports about itself with each heartbeat.</summary>
/// <param name="CaughtUp">Whether everything that the agent had in its outbox at its hello is committed.</param>
[GenerateSerializer, Immutable, Alias("fleet.SessionClaim")]
internal sealed record SessionClaim(
    [property: Id(0)] string SessionId,
    [property: Id(1)] string InstanceId,
    [property: Id(2)] string Address,
    [property: Id(3)] string MachineIdHash,
    [property: Id(4)] bool CaughtUp);
