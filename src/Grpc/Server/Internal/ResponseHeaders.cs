using Grpc.Core;
using Grpc.Core.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Metadata and status as HTTP headers and trailers.</summary>
internal static class ResponseHeaders
{
    /// <summary>A response that consists of headers only.</summary>
    public static void WriteStatusOnly(HttpResponse response, Status status)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = GrpcHeaderNames.ContentType;
        WriteStatus(response.Headers, status);
    }

    public static void WriteStatus(IHeaderDictionary target, Status status)
    {
        target[GrpcHeaderNames.Status] = StatusText(status.StatusCode);
        if (!string.IsNullOrEmpty(status.Detail))
        {
            target[GrpcHeaderNames.Message] = PercentEncoding.Encode(status.Detail);
        }
    }

    /// <exception cref="InvalidOperationException">A value that is not printable ASCII.</exception>
    public static void WriteHeaders(IHeaderDictionary target, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (GrpcHeaderNames.IsReserved(entry.Key))
            {
                continue;
            }

            var value = Text(entry);
            if (!IsSendable(value))
            {
                throw new InvalidOperationException($"The value of the response header '{entry.Key}' is not printable ASCII.");
            }

            Append(target, entry.Key, value);
        }
    }

    /// <summary>What can't be sent is left out, so that the status arrives in any case.</summary>
    public static void WriteTrailers(IHeaderDictionary target, Metadata metadata, ILogger logger, string method)
    {
        foreach (var entry in metadata)
        {
            if (GrpcHeaderNames.IsReserved(entry.Key))
            {
                continue;
            }

            var value = Text(entry);
            if (IsSendable(value))
            {
                Append(target, entry.Key, value);
            }
            else
            {
                GrpcServerLog.TrailerLeftOut(logger, entry.Key, method);
            }
        }
    }

    public static Metadata ReadRequestHeaders(IHeaderDictionary headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers)
        {
            if (GrpcHeaderNames.IsReserved(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                BinaryHeader.AddTo(metadata, name, value ?? "");
            }
        }

        return metadata;
    }

    /// <summary>An empty value is a value too: the framework's own Append would drop it.</summary>
    private static void Append(IHeaderDictionary target, string name, string value) =>
        target[name] = StringValues.Concat(target[name], value);

    private static string Text(Metadata.Entry entry) => entry.IsBinary ? BinaryHeader.Encode(entry.BytesWithoutCopy) : entry.Value;

    private static bool IsSendable(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static string StatusText(StatusCode code) =>
        code == StatusCode.OK ? "0" : ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
