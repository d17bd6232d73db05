namespace Fleet.Grpc.Tests.Interop;

/// <inheritdoc/>
public sealed class GrpcJsFixture() : PeerFixture("grpc-js");
