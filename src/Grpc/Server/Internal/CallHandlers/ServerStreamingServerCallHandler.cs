using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

/// <summary>One request, many responses.</summary>
internal sealed class ServerStreamingServerCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ServiceMethodEnvironment environment, ServerStreamingServerMethod<TRequest, TResponse> invoke)
    : ServerCallHandlerBase(method, environment)
    where TRequest : class
    where TResponse : class
{
    private readonly ServerStreamingServerMethod<TRequest, TResponse> _invoke =
        InterceptorPipeline.ServerStreaming(environment.Interceptors, invoke);

    protected override bool RequestIsStream => false;

    protected override async Task HandleCallCoreAsync(HttpContextServerCallContext call)
    {
        var request = await new RequestMessageReader<TRequest>(call, method.RequestMarshaller).ReadSingleAsync(call.Cancelled);
        await _invoke(request, new ResponseStreamWriter<TResponse>(call, method.ResponseMarshaller), call);
        call.Cancelled.ThrowIfCancellationRequested();
    }
}
