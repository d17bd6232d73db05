namespace Fleet.Grpc.Tests.Interop;

/// <inheritdoc/>
public sealed class GrpcioInteropTests(GrpcioFixture fixture) : InteropTests(fixture), IClassFixture<GrpcioFixture>;
