using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Fleet.Coordinator.Calls;

/// <summary>An interceptor that wraps calls of all four kinds in the same way.</summary>
internal abstract class CallInterceptor : Interceptor
{
    public sealed override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        AroundAsync(MethodType.Unary, context, request, passed => continuation(request, passed));

    public sealed override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        AroundAsync(MethodType.ClientStreaming, context, null, passed => continuation(requestStream, passed));

    public sealed override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        AroundAsync(MethodType.ServerStreaming, context, request, async passed =>
        {
            await continuation(request, responseStream, passed);
            return true;
        });

    public sealed override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        AroundAsync(MethodType.DuplexStreaming, context, null, async passed =>
        {
            await continuation(requestStream, responseStream, passed);
            return true;
        });

    /// <summary>Makes the call, or throws what the caller receives instead.</summary>
    /// <param name="request">Null if the caller sends a stream.</param>
    /// <param name="call">The rest of the call, with this context or one that replaces it. Returns true if the answer is a stream.</param>
    protected abstract Task<T> AroundAsync<T>(
        MethodType kind, ServerCallContext context, object? request, Func<ServerCallContext, Task<T>> call);
}
