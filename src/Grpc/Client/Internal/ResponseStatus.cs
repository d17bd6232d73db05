using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Core.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>Reads a call's status from an HTTP response: from its trailers, or from its headers when there is nothing else.</summary>
internal static class ResponseStatus
{
    /// <summary>A status when the headers already end the call: a trailers-only response, or one that is not gRPC.</summary>
    public static (Status Status, Metadata Trailers)? FromHeaders(HttpResponseMessage response)
    {
        if (TryRead(response.Headers, out var status))
        {
            return (status, ReadHeaders(response.Headers));
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            var code = HttpStatusMapping.ToStatusCode((int)response.StatusCode);
            return (new Status(code, $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}"), ReadHeaders(response.Headers));
        }

        var contentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;
        return GrpcHeaderNames.IsGrpcContentType(contentType)
            ? null
            : (new Status(
                StatusCode.Unknown,
                contentType is null
                    ? "Bad gRPC response. Response did not have a content-type header."
                    : $"Bad gRPC response. Invalid content-type value: {contentType}"),
                ReadHeaders(response.Headers));
    }

    /// <summary>Valid when the body was read to its end.</summary>
    public static (Status Status, Metadata Trailers) FromTrailers(HttpResponseMessage response) =>
        TryRead(response.TrailingHeaders, out var status)
            ? (status, ReadHeaders(response.TrailingHeaders))
            : (new Status(StatusCode.Unknown, "No grpc-status found on response."), ReadHeaders(response.TrailingHeaders));

    public static string? Encoding(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues(GrpcHeaderNames.Encoding, out var values) ? values.ToString() : null;

    public static Metadata ReadHeaders(HttpResponseHeaders headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers.NonValidated)
        {
            if (GrpcHeaderNames.IsReserved(name))
            {
                continue;
            }

            foreach (var value in values)
            {
                BinaryHeader.AddTo(metadata, name, value);
            }
        }

        return metadata;
    }

    private static bool TryRead(HttpResponseHeaders headers, out Status status)
    {
        if (!headers.NonValidated.TryGetValues(GrpcHeaderNames.Status, out var values))
        {
            status = default;
            return false;
        }

        var message = headers.NonValidated.TryGetValues(GrpcHeaderNames.Message, out var messages)
            ? PercentEncoding.Decode(messages.ToString())
            : "";
        status = int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? new Status(code is >= 0 and <= 16 ? (StatusCode)code : StatusCode.Unknown, message)
            : new Status(StatusCode.Unknown, $"Unexpected grpc-status value: {values}");
        return true;
    }
}
