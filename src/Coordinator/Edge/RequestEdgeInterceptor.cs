using Fleet.Coordinator.Errors;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Fleet.Coordinator.Edge;

/// <summary>
/// Refuses requests with an invalid timestamp or duration before any service sees them. All other checks are the services' own. Streams of
/// agents are checked by <see cref="CleanMessages"/>.
/// </summary>
internal sealed class RequestEdgeInterceptor : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(request);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(request);
        return continuation(request, responseStream, context);
    }

    private static void Check(object request)
    {
        if (request is not IMessage message || MessageEdge.Check(message) is not { Count: > 0 } found)
        {
            return;
        }

        throw FleetError.Create(
            StatusCode.InvalidArgument,
            request is ApplyPoliciesRequest ? Reason.PolicyInvalid : Reason.InvalidArgument,
            $"{found[0].Field}: {found[0].Problem}",
            violations: found.Select(f => new FieldViolation { Field = f.Field, Message = f.Problem }));
    }
}
