using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

/// <summary>Answers calls to methods that nobody serves.</summary>
internal static class UnimplementedCallHandler
{
    public static Task HandleAsync(HttpContext context, string detail, ILogger logger)
    {
        if (!GrpcRequest.Check(context, logger))
        {
            return Task.CompletedTask;
        }

        GrpcServerLog.Unimplemented(logger, detail);
        ResponseHeaders.WriteStatusOnly(context.Response, new Status(StatusCode.Unimplemented, detail));
        return Task.CompletedTask;
    }
}
