using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

/// <summary>Many requests and many responses, independent of each other.</summary>
internal sealed class DuplexStreamingServerCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ServiceMethodEnvironment environment, DuplexStreamingServerMethod<TRequest, TResponse> invoke)
    : ServerCallHandlerBase(method, environment)
    where TRequest : class
    where TResponse : class
{
    private readonly DuplexStreamingServerMethod<TRequest, TResponse> _invoke =
        InterceptorPipeline.Duplex(environment.Interceptors, invoke);

    protected override bool RequestIsStream => true;

    protected override async Task HandleCallCoreAsync(HttpContextServerCallContext call)
    {
        var requests = new RequestStreamReader<TRequest>(call, method.RequestMarshaller);
        await _invoke(requests, new ResponseStreamWriter<TResponse>(call, method.ResponseMarshaller), call);
        call.Cancelled.ThrowIfCancellationRequested();
    }
}
