namespace Grpc.AspNetCore.Server;

/// <summary>How one service works, where that differs from the rest.</summary>
/// <typeparam name="TService">The service.</typeparam>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class
{
}
