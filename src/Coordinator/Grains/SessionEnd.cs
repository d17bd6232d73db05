namespace Fleet.Coordinator.Grains;

/// <summary>Why the coordinator ends a session.</summary>
/// <param name="StatusCode">Number of the gRPC status code.</param>
/// <param name="Reason">Number of the Reason in error.proto.</param>
[GenerateSerializer, Immutable, Alias("fleet.SessionEnd")]
internal sealed record SessionEnd(
    [property: Id(0)] int StatusCode,
    [property: Id(1)] int Reason,
    [property: Id(2)] string Message,
    [property: Id(3)] string WhatToDo);
