using Grpc.Core;
using Grpc.Core.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

/// <summary>What a request must be before it is looked at as a call.</summary>
internal static class GrpcRequest
{
    /// <summary>False when it was refused: 415 without gRPC's content type, 426 below HTTP/2.</summary>
    public static bool Check(HttpContext context, ILogger logger)
    {
        if (!GrpcHeaderNames.IsGrpcContentType(context.Request.ContentType))
        {
            GrpcServerLog.UnsupportedContentType(logger);
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        if (!HttpProtocol.IsHttp2(context.Request.Protocol) && !HttpProtocol.IsHttp3(context.Request.Protocol))
        {
            GrpcServerLog.UnsupportedProtocol(logger, context.Request.Protocol);
            ResponseHeaders.WriteStatusOnly(
                context.Response, new Status(StatusCode.Internal, $"Request protocol '{context.Request.Protocol}' is not supported."));
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "HTTP/2";
            return false;
        }

        return true;
    }
}
