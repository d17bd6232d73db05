namespace Fleet.Grpc.Tests.Interop;

/// <inheritdoc/>
public sealed class GrpcioFixture() : PeerFixture("grpcio");
