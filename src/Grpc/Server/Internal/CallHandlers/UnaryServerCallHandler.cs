using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

/// <summary>One request, one response.</summary>
internal sealed class UnaryServerCallHandler<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ServiceMethodEnvironment environment, UnaryServerMethod<TRequest, TResponse> invoke)
    : ServerCallHandlerBase(method, environment)
    where TRequest : class
    where TResponse : class
{
    private readonly UnaryServerMethod<TRequest, TResponse> _invoke = InterceptorPipeline.Unary(environment.Interceptors, invoke);

    protected override bool RequestIsStream => false;

    protected override async Task HandleCallCoreAsync(HttpContextServerCallContext call)
    {
        var request = await new RequestMessageReader<TRequest>(call, method.RequestMarshaller).ReadSingleAsync(call.Cancelled);
        var response = await _invoke(request, call)
            ?? throw new RpcException(new Status(StatusCode.Cancelled, "No message returned from method."));
        call.Cancelled.ThrowIfCancellationRequested();
        if (call.Status.StatusCode == StatusCode.OK)
        {
            await new ResponseMessageWriter<TResponse>(call, method.ResponseMarshaller)
                .WriteAsync(response, call.WriteOptions, isLast: true, call.Cancelled);
        }
    }
}
