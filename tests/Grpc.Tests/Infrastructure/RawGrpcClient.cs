using System.Buffers.Binary;
using System.Net;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>HTTP/2 requests written by hand, so that they can be wrong.</summary>
internal sealed class RawGrpcClient(string address) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());

    /// <summary>A message with its header.</summary>
    public static byte[] Frame(byte[] payload, byte flag = 0, int? length = null)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length ?? payload.Length);
        payload.CopyTo(frame.AsSpan(5));
        return frame;
    }

    public Task<HttpResponseMessage> SendAsync(string path, byte[] body, params (string Name, string Value)[] headers) =>
        SendAsync(path, new ByteArrayContent(body), "application/grpc", HttpMethod.Post, headers);

    public async Task<HttpResponseMessage> SendAsync(
        string path, HttpContent? content, string? contentType, HttpMethod method, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, address + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        if (contentType is not null)
        {
            request.Content?.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request, CancellationToken.None);
    }

    public Task<RawAnswer> CallAsync(string path, byte[] body, params (string Name, string Value)[] headers) =>
        RawAnswer.ReadAsync(SendAsync(path, body, headers));

    public void Dispose() => _http.Dispose();
}
