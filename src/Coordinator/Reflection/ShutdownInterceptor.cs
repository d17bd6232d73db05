using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Fleet.Coordinator.Reflection;

/// <summary>
/// At shutdown, ends calls that wait for the caller's next message; gRPC would let them run into the time limit.
/// </summary>
internal sealed class ShutdownInterceptor(IHostApplicationLifetime lifetime) : Interceptor
{
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(new EndingReader<TRequest>(requestStream, lifetime.ApplicationStopping), responseStream, context);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw FleetError.Create(
                StatusCode.Unavailable, Reason.Unavailable, "the coordinator is shutting down", "ask again in a few seconds");
        }
    }

    private sealed class EndingReader<T>(IAsyncStreamReader<T> inner, CancellationToken shutdown) : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, shutdown);
            return await inner.MoveNext(either.Token);
        }
    }
}
