using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The methods of a service as delegates that take the instance first.</summary>
internal static class ServiceMethods<TService, TRequest, TResponse>
{
    public delegate Task<TResponse> Unary(TService service, TRequest request, ServerCallContext context);

    public delegate Task<TResponse> ClientStreaming(TService service, IAsyncStreamReader<TRequest> requests, ServerCallContext context);

    public delegate Task ServerStreaming(
        TService service, TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context);

    public delegate Task Duplex(
        TService service, IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context);
}
