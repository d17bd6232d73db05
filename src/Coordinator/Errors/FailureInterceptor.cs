using System.Diagnostics;
using Fleet.Protocol.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Fleet.Coordinator.Errors;

/// <summary>
/// Turns what nobody expected (a bug, a broken store) into INTERNAL with a trace id to look up in the log, as error.proto promises.
/// The exception itself goes to the log only: its text may name what a caller has no business to know.
/// </summary>
internal sealed partial class FailureInterceptor(ILogger<FailureInterceptor> log) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
        GuardedAsync(context, () => continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardedAsync(context, () => continuation(requestStream, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardedAsync(context, async () =>
        {
            await continuation(request, responseStream, context);
            return true;
        });

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        GuardedAsync(context, async () =>
        {
            await continuation(requestStream, responseStream, context);
            return true;
        });

    private async Task<T> GuardedAsync<T>(ServerCallContext context, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        // IOException: the peer went away in the middle of its request. Files are SQLite's here, which has exceptions of its own.
        catch (Exception exception) when (exception is not (RpcException or IOException) && !context.CancellationToken.IsCancellationRequested)
        {
            var traceId = Activity.Current?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();
            Unexpected(log, context.Method, traceId, exception);
            throw FleetError.Create(
                StatusCode.Internal,
                Reason.Internal,
                $"the coordinator could not do this; its log says more under {traceId}",
                $"On the coordinator: journalctl -u fleet-coordinator | grep {traceId}");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed unexpectedly ({TraceId})")]
    private static partial void Unexpected(ILogger logger, string method, string traceId, Exception exception);
}
