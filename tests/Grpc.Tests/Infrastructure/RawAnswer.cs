namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>What came back for a request written by hand.</summary>
internal sealed record RawAnswer(
    int HttpStatus, string? GrpcStatus, string? GrpcMessage, byte[] Body, bool TrailersOnly, HttpResponseMessage Response)
{
    public static async Task<RawAnswer> ReadAsync(Task<HttpResponseMessage> sending)
    {
        var response = await sending;
        var body = await response.Content.ReadAsByteArrayAsync();
        var inHeaders = response.Headers.Contains("grpc-status");
        var headers = inHeaders ? response.Headers : response.TrailingHeaders;
        return new RawAnswer(
            (int)response.StatusCode,
            headers.TryGetValues("grpc-status", out var status) ? status.Single() : null,
            headers.TryGetValues("grpc-message", out var message) ? message.Single() : null,
            body,
            inHeaders,
            response);
    }
}
