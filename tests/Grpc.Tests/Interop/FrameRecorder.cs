using System.Net;

namespace Fleet.Grpc.Tests.Interop;

/// <summary>Notes the compressed flag of each request's and each response's first message as it goes by.</summary>
internal sealed class FrameRecorder(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly List<byte> _requests = [];
    private readonly List<byte> _responses = [];

    public IReadOnlyList<byte> RequestFlags => _requests;

    public IReadOnlyList<byte> ResponseFlags => _responses;

    public void Clear()
    {
        _requests.Clear();
        _responses.Clear();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Content = new Recorded(request.Content!, _requests);
        var response = await base.SendAsync(request, cancellationToken);
        response.Content = new Recorded(response.Content, _responses);
        return response;
    }

    private sealed class Recorded : HttpContent
    {
        private readonly HttpContent _content;
        private readonly List<byte> _flags;

        public Recorded(HttpContent content, List<byte> flags)
        {
            _content = content;
            _flags = flags;
            foreach (var (name, values) in content.Headers)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            _content.CopyToAsync(new FirstByteStream(stream, _flags), context);

        protected override async Task<Stream> CreateContentReadStreamAsync() =>
            new FirstByteStream(await _content.ReadAsStreamAsync(), _flags);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
