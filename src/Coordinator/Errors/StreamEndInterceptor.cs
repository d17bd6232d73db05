using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Fleet.Coordinator.Errors;

/// <summary>Makes sure that a caller learns how its stream ended, with <see cref="PatientWriter{T}"/>.</summary>
internal sealed class StreamEndInterceptor(TimeProvider clock) : Interceptor
{
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var writer = new PatientWriter<TResponse>(responseStream, clock);
        await continuation(request, writer, context);
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        using var writer = new PatientWriter<TResponse>(responseStream, clock);
        await continuation(requestStream, writer, context);
    }
}
