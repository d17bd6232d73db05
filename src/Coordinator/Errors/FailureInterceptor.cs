using Fleet.Coordinator.Calls;
using Grpc.Core;

namespace Fleet.Coordinator.Errors;

/// <summary>Turns unexpected exceptions into the answer of <see cref="UnexpectedFailure"/>.</summary>
internal sealed class FailureInterceptor(UnexpectedFailure failure) : CallInterceptor
{
    protected override async Task<T> AroundAsync<T>(
        MethodType kind, ServerCallContext context, object? request, Func<ServerCallContext, Task<T>> call)
    {
        try
        {
            return await call(context);
        }
        // IOException: the peer went away in the middle of its request. Only SQLite handles files here, and it has exceptions of its own.
        catch (Exception exception)
            when (exception is not (RpcException or IOException) && !context.CancellationToken.IsCancellationRequested)
        {
            throw failure.Answer(context.Method, exception);
        }
    }
}
