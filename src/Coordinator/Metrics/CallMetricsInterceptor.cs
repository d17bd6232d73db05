using System.Diagnostics;
using Fleet.Coordinator.Calls;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Meters;
using Grpc.Core;

namespace Fleet.Coordinator.Metrics;

/// <summary>Counts calls. The outermost interceptor, so that refused calls count too.</summary>
internal sealed class CallMetricsInterceptor(TimeProvider clock) : CallInterceptor
{
    protected override async Task<T> AroundAsync<T>(
        MethodType kind, ServerCallContext context, object? request, Func<ServerCallContext, Task<T>> call)
    {
        var began = clock.GetTimestamp();
        var method = new KeyValuePair<string, object?>("method", context.Method);
        CoordinatorMeter.GrpcActive.Add(1, method);
        var code = StatusCode.Unknown;
        try
        {
            var result = await call(context);
            code = context.Status.StatusCode;
            if (kind is MethodType.Unary)
            {
                // How long a stream lasts says nothing about the coordinator.
                CoordinatorMeter.GrpcDuration.Record(clock.GetElapsedTime(began).TotalSeconds, method);
            }

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
