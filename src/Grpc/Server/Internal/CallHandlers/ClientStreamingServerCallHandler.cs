using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

/// <summary>Many requests, one response.</summary>
internal sealed class ClientStreamingServerCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ServiceMethodEnvironment environment, ClientStreamingServerMethod<TRequest, TResponse> invoke)
    : ServerCallHandlerBase(method, environment)
    where TRequest : class
    where TResponse : class
{
    private readonly ClientStreamingServerMethod<TRequest, TResponse> _invoke =
        InterceptorPipeline.ClientStreaming(environment.Interceptors, invoke);

    protected override bool RequestIsStream => true;

    protected override async Task HandleCallCoreAsync(HttpContextServerCallContext call)
    {
        var requests = new RequestStreamReader<TRequest>(call, method.RequestMarshaller);
        var response = await _invoke(requests, call)
            ?? throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        call.Cancelled.ThrowIfCancellationRequested();
        if (call.Status.StatusCode == StatusCode.OK)
        {
            await new ResponseMessageWriter<TResponse>(call, method.ResponseMarshaller)
                .WriteAsync(response, call.WriteOptions, isLast: true, call.Cancelled);
        }
    }
}
