using Grpc.AspNetCore.Server.Features;
using Grpc.Core;
using Grpc.Core.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

/// <summary>Takes a request through the checks of the protocol, hands it to the handler of its kind, and turns any exception into a status.</summary>
internal abstract class ServerCallHandlerBase(IMethod method, ServiceMethodEnvironment environment)
{
    protected ServiceMethodEnvironment Environment { get; } = environment;

    /// <summary>Whether the client streams: its body may come slowly and without end.</summary>
    protected abstract bool RequestIsStream { get; }

    public async Task HandleCallAsync(HttpContext httpContext)
    {
        if (!GrpcRequest.Check(httpContext, Environment.Logger))
        {
            return;
        }

        var call = new HttpContextServerCallContext(httpContext, method, Environment);
        httpContext.Features.Set<IServerCallContextFeature>(call);
        httpContext.Response.ContentType = GrpcHeaderNames.ContentType;
        LiftBodyLimits(httpContext);
        try
        {
            call.Begin();
            await HandleCallCoreAsync(call);
            await call.EndAsync();
        }
        catch (Exception e)
        {
            await call.EndAsync(e);
        }
    }

    protected abstract Task HandleCallCoreAsync(HttpContextServerCallContext call);

    /// <summary>Sizes are checked per message; a stream has no size, and may rest.</summary>
    private void LiftBodyLimits(HttpContext httpContext)
    {
        if (httpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (RequestIsStream && httpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }
}
