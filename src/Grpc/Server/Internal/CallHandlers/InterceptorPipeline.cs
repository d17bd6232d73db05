using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

/// <summary>Puts a service's interceptors around a method, once, when the method is mapped.</summary>
internal static class InterceptorPipeline
{
    public static UnaryServerMethod<TRequest, TResponse> Unary<TRequest, TResponse>(
        IReadOnlyList<InterceptorRegistration> interceptors, UnaryServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        Build(interceptors, method, (registration, next) => (request, context) =>
            RunAsync(registration, context, interceptor => interceptor.UnaryServerHandler(request, context, next)));

    public static ClientStreamingServerMethod<TRequest, TResponse> ClientStreaming<TRequest, TResponse>(
        IReadOnlyList<InterceptorRegistration> interceptors, ClientStreamingServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        Build(interceptors, method, (registration, next) => (requests, context) =>
            RunAsync(registration, context, interceptor => interceptor.ClientStreamingServerHandler(requests, context, next)));

    public static ServerStreamingServerMethod<TRequest, TResponse> ServerStreaming<TRequest, TResponse>(
        IReadOnlyList<InterceptorRegistration> interceptors, ServerStreamingServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        Build(interceptors, method, (registration, next) => (request, responses, context) =>
            RunAsync(registration, context, interceptor => Wrap(interceptor.ServerStreamingServerHandler(request, responses, context, next))));

    public static DuplexStreamingServerMethod<TRequest, TResponse> Duplex<TRequest, TResponse>(
        IReadOnlyList<InterceptorRegistration> interceptors, DuplexStreamingServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        Build(interceptors, method, (registration, next) => (requests, responses, context) =>
            RunAsync(registration, context, interceptor => Wrap(interceptor.DuplexStreamingServerHandler(requests, responses, context, next))));

    private static TMethod Build<TMethod>(
        IReadOnlyList<InterceptorRegistration> interceptors, TMethod innermost, Func<InterceptorRegistration, TMethod, TMethod> wrap)
    {
        var method = innermost;
        for (var i = interceptors.Count - 1; i >= 0; i--)
        {
            method = wrap(interceptors[i], method);
        }

        return method;
    }

    private static async Task<bool> Wrap(Task task)
    {
        await task;
        return true;
    }

    private static async Task<TResult> RunAsync<TResult>(
        InterceptorRegistration registration, ServerCallContext context, Func<Interceptor, Task<TResult>> run)
    {
        var (interceptor, created) = registration.Resolve(context.GetHttpContext().RequestServices);
        try
        {
            return await run(interceptor);
        }
        finally
        {
            if (created)
            {
                if (interceptor is IAsyncDisposable asyncDisposable)
                {
                    await asyncDisposable.DisposeAsync();
                }
                else
                {
                    (interceptor as IDisposable)?.Dispose();
                }
            }
        }
    }
}
