using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;
using Grpc.Core.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>What a failure of the HTTP client means for a call.</summary>
internal static class StatusFromException
{
    public static Status Read(Exception exception)
    {
        if (exception is RpcException rpc)
        {
            return rpc.Status;
        }

        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case HttpProtocolException protocol when IsStreamError(protocol):
                    return new Status(
                        Http2ErrorMapping.ToStatusCode(protocol.ErrorCode), "Error reading the response. " + Describe(exception), exception);
                case HttpProtocolException or SocketException or AuthenticationException:
                    return new Status(StatusCode.Unavailable, "Error connecting to the server. " + Describe(exception), exception);
                case OperationCanceledException { InnerException: TimeoutException }:
                    return new Status(StatusCode.Unavailable, "Timeout while connecting to the server. " + Describe(exception), exception);
                case OperationCanceledException when e == exception:
                    return new Status(StatusCode.Cancelled, "Call canceled.", exception);
            }
        }

        return exception switch
        {
            HttpRequestException or IOException =>
                new Status(StatusCode.Unavailable, "Error connecting to the server. " + Describe(exception), exception),
            _ => new Status(StatusCode.Internal, "Error starting the gRPC call. " + Describe(exception), exception),
        };
    }

    /// <summary>
    /// The runtime has one exception for RST_STREAM, whose code says what happened to this call, and for GOAWAY or a broken connection,
    /// after which the call may be tried elsewhere. Only the text, or its key in a trimmed program without texts, tells them apart.
    /// </summary>
    private static bool IsStreamError(HttpProtocolException exception) =>
        exception.Message.Contains("stream", StringComparison.OrdinalIgnoreCase)
        && !exception.Message.Contains("connection", StringComparison.OrdinalIgnoreCase);

    private static string Describe(Exception exception)
    {
        var inner = exception.InnerException;
        return inner is null || exception.Message.Contains(inner.Message, StringComparison.Ordinal)
            ? $"{exception.GetType().Name}: {exception.Message}"
            : $"{exception.GetType().Name}: {exception.Message} {inner.GetType().Name}: {inner.Message}";
    }
}
