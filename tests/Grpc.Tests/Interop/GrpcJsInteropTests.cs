namespace Fleet.Grpc.Tests.Interop;

/// <inheritdoc/>
public sealed class GrpcJsInteropTests(GrpcJsFixture fixture) : InteropTests(fixture), IClassFixture<GrpcJsFixture>;
