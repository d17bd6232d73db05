using Fleet.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.Agent.Session;

/// <summary>Reads the error model of proto/fleet/v1/error.proto out of a failed call's trailers.</summary>
internal static class ErrorDetails
{
    /// <returns>Null when the peer sent none, or one that cannot be read: a proxy in between, for example.</returns>
    public static ErrorDetail? From(RpcException error)
    {
        var bytes = error.Trailers.GetValueBytes("fleet-error-bin");
        if (bytes is null)
        {
            return null;
        }

        try
        {
            return ErrorDetail.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
