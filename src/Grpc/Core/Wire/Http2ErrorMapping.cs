namespace Grpc.Core.Wire;

/// <summary>
/// Status for a stream that the peer reset: section "Errors" of
/// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md; the codes are those of RFC 9113, section 7.
/// </summary>
internal static class Http2ErrorMapping
{
    public static StatusCode ToStatusCode(long errorCode) => errorCode switch
    {
        0x7 => StatusCode.Unavailable, // REFUSED_STREAM: the call was not processed
        0x8 => StatusCode.Cancelled, // CANCEL
        0xb => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
        >= 0x0 and <= 0xa => StatusCode.Internal,
        _ => StatusCode.Unknown,
    };
}
