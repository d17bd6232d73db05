using Fleet.Agent.Logging;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.Agent.Connection;

/// <summary>Reads the error model of error.proto from a failed call.</summary>
internal static class RpcFailure
{
    /// <summary>Unspecified: the trailers name none, or one that this release does not know.</summary>
    public static Reason Reason(RpcException e)
    {
        if (Detail(e) is { } detail)
        {
            return detail.Reason;
        }

        var name = e.Trailers.GetValue("fleet-reason")?.Replace("_", "", StringComparison.Ordinal) ?? "";
        return Enum.TryParse<Reason>(name, ignoreCase: true, out var reason) ? reason : Protocol.V1.Reason.Unspecified;
    }

    /// <summary>What was wrong and what to do, safe for logs.</summary>
    public static string Describe(RpcException e)
    {
        var detail = Detail(e);
        var message = detail is { Message.Length: > 0 } ? detail.Message : e.Status.Detail;
        var whatToDo = detail is { WhatToDo.Length: > 0 } ? $" ({detail.WhatToDo})" : "";
        return LogText.Escape($"{e.StatusCode}: {message}{whatToDo}");
    }

    private static ErrorDetail? Detail(RpcException e)
    {
        try
        {
            return e.Trailers.GetValueBytes("fleet-error-bin") is { } bytes ? ErrorDetail.Parser.ParseFrom(bytes) : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
