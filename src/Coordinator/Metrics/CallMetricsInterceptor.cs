using System.Diagnostics;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Meters;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Fleet.Coordinator.Metrics;

/// <summary>Counts calls. The outermost interceptor, so that refused calls count too.</summary>
internal sealed class CallMetricsInterceptor(TimeProvider clock) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var began = clock.GetTimestamp();
        var result = await CountedAsync(context, () => continuation(request, context));
        CoordinatorMeter.GrpcDuration.Record(
            clock.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>("method", context.Method));
        return result;
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation
    ) => CountedAsync(context, () => continuation(requestStream, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        CountedAsync(context, async () =>
        {
            await continuation(request, responseStream, context);
            return true;
        });

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        CountedAsync(context, async () =>
        {
            await continuation(requestStream, responseStream, context);
            return true;
        });

    private static async Task<T> CountedAsync<T>(ServerCallContext context, Func<Task<T>> call)
    {
        var method = new KeyValuePair<string, object?>("method", context.Method);
        CoordinatorMeter.GrpcActive.Add(1, method);
        var code = StatusCode.Unknown;
        try
        {
            var result = await call();
            code = context.Status.StatusCode;
            return result;
        }
        catch (RpcException exception)
        {
            code = exception.StatusCode;
            throw;
        }
        catch (OperationCanceledException)
        {
            code = StatusCode.Cancelled;
            throw;
        }
        finally
        {
            CoordinatorMeter.GrpcActive.Add(-1, method);
            CoordinatorMeter.GrpcCalls.Add(1, new TagList { method, new("code", StatusNames.Of(code)) });
        }
    }
}
