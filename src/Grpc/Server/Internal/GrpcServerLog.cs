using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Every log line of the server. What a peer does wrong is Information, what fails here is Error, what happens per call is Debug.
/// </summary>
internal static partial class GrpcServerLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Mapped gRPC method {Method} to {Service}.")]
    public static partial void MethodMapped(ILogger logger, string method, string service);

    [LoggerMessage(Level = LogLevel.Information, Message = "Request content-type is not supported: gRPC needs application/grpc.")]
    public static partial void UnsupportedContentType(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Request protocol {Protocol} is not supported: gRPC needs HTTP/2.")]
    public static partial void UnsupportedProtocol(ILogger logger, string protocol);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Detail} (a client called an unknown service or method)")]
    public static partial void Unimplemented(ILogger logger, string detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "Error status {StatusCode} for {Method}.")]
    public static partial void ErrorStatus(ILogger logger, string method, StatusCode statusCode, Exception? exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Error when executing service method {Method}.")]
    public static partial void HandlerFailed(ILogger logger, string method, Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Request {Method} was cancelled.")]
    public static partial void Cancelled(ILogger logger, string method);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Deadline of {Method} exceeded.")]
    public static partial void DeadlineExceeded(ILogger logger, string method);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ended {Method}: the server is shutting down.")]
    public static partial void EndedByShutdown(ILogger logger, string method);

    [LoggerMessage(Level = LogLevel.Information, Message = "The grpc-timeout header of {Method} is not valid and was ignored.")]
    public static partial void InvalidTimeoutIgnored(ILogger logger, string method);

    [LoggerMessage(Level = LogLevel.Error, Message = "The response trailer {Name} of {Method} has a value that can't be sent; it was left out.")]
    public static partial void TrailerLeftOut(ILogger logger, string name, string method);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The response of {Method} could not be ended: the connection is gone.")]
    public static partial void EndFailed(ILogger logger, string method, Exception exception);
}
