using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Internal;

/// <summary>Every log line of the client.</summary>
internal static partial class GrpcCallLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Starting gRPC call {Method}, a {MethodType} method.")]
    public static partial void Starting(ILogger logger, string method, MethodType methodType);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Finished gRPC call {Method}: {StatusCode}.")]
    public static partial void Finished(ILogger logger, string method, StatusCode statusCode);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The call credentials of {Method} were not sent: the channel has no TLS.")]
    public static partial void CallCredentialsNotSent(ILogger logger, string method);
}
