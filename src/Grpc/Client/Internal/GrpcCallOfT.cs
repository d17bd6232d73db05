using Grpc.Core;
using Grpc.Core.Wire;
using Grpc.Net.Client.Internal.Credentials;
using Grpc.Net.Compression;

namespace Grpc.Net.Client.Internal;

/// <summary>One call: sends the request, reads the response, gives the call its status.</summary>
internal sealed class GrpcCall<TRequest, TResponse> : GrpcCall
    where TRequest : class
    where TResponse : class
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly string? _host;
    private readonly TaskCompletionSource<TResponse>? _response;
    private readonly TaskCompletionSource<ResponseMessageReader?>? _responseReader;
    private readonly ICompressionProvider? _requestCompression;
    private UnaryContent? _unaryContent;
    private readonly PushStreamContent? _streamContent;
    private HttpResponseMessage? _httpResponse;

    public GrpcCall(GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options)
        : base(channel, method, options)
    {
        _method = method;
        _host = host;
        _requestCompression = RequestHeaders.FindCompression(options.Headers, channel.Compression);
        if (method.Type is MethodType.Unary or MethodType.ClientStreaming)
        {
            _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        else
        {
            _responseReader = new(TaskCreationOptions.RunContinuationsAsynchronously);
            ResponseStream = new ClientStreamReader<TRequest, TResponse>(this, method.ResponseMarshaller);
        }

        if (method.Type is MethodType.ClientStreaming or MethodType.DuplexStreaming)
        {
            _streamContent = new PushStreamContent(Cancelled);
            RequestStream = new ClientStreamWriter<TRequest>(this, _streamContent, method.RequestMarshaller, _requestCompression);
        }
    }

    public Task<TResponse> ResponseAsync => _response!.Task;

    /// <summary>The response's messages, once its headers are here; null when it has none.</summary>
    public Task<ResponseMessageReader?> ResponseReaderAsync => _responseReader!.Task;

    public ClientStreamReader<TRequest, TResponse> ResponseStream { get; } = null!;

    public ClientStreamWriter<TRequest> RequestStream { get; } = null!;

    public void StartUnary(TRequest request) => StartWith(request);

    public void StartServerStreaming(TRequest request) => StartWith(request);

    public void StartClientStreaming() => StartStreaming();

    public void StartDuplexStreaming() => StartStreaming();

    /// <summary>The response stream is at its end: its trailers say how the call went.</summary>
    public void FinishFromTrailers()
    {
        var (status, trailers) = ResponseStatus.FromTrailers(_httpResponse!);
        Finish(status, trailers);
    }

    protected override void OnFinished(Status status)
    {
        _unaryContent?.Release();
        _streamContent?.Abandon();
        if (_response is not null && status.StatusCode != StatusCode.OK)
        {
            _response.TrySetException(ToException());
            _ = _response.Task.Exception;
        }

        _responseReader?.TrySetResult(null);
    }

    /// <summary>A response that is not read to its end is reset: the server would go on filling the connection.</summary>
    protected override void OnCancelled() => Volatile.Read(ref _httpResponse)?.Dispose();

    private void StartWith(TRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!Begin())
        {
            return;
        }

        try
        {
            var frame = MessageSender.Serialize(
                new MessageSerializer(Channel.MaxSendMessageSizeBytes), _method.RequestMarshaller, request, _requestCompression, Options.WriteOptions);
            _unaryContent = new UnaryContent(frame);
        }
        catch (RpcException e)
        {
            Finish(e.Status, null);
            return;
        }
        catch (Exception e)
        {
            Finish(new Status(StatusCode.Internal, "Failed to serialize the message.", e), null);
            return;
        }

        _ = RunAsync(_unaryContent);
    }

    private void StartStreaming()
    {
        if (Begin())
        {
            _ = RunAsync(_streamContent!);
        }
    }

    private async Task RunAsync(HttpContent content)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Channel.CallUri(_method))
            {
                Version = System.Net.HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = content,
            };
            RequestHeaders.Write(request, Channel, _host, Options.Headers, Deadline is null ? null : TimeLeft, _requestCompression);
            await AddCredentialsAsync(request);
            var response = await SendAsync(request);

            // A full fence: either this sees the status, or the one who gives it sees the response.
            Interlocked.Exchange(ref _httpResponse, response);
            if (HasStatus)
            {
                response.Dispose();
                return;
            }

            var headers = ResponseStatus.ReadHeaders(response.Headers);
            if (ResponseStatus.FromHeaders(response) is var (status, trailers))
            {
                SetResponseHeaders(headers);
                Finish(status, trailers);
                return;
            }

            SetResponseHeaders(headers);
            var stream = await response.Content.ReadAsStreamAsync(Cancelled);
            var reader = new ResponseMessageReader(
                stream, ResponseStatus.Encoding(response), Channel.Compression, Channel.MaxReceiveMessageSizeBytes);
            if (_responseReader is not null)
            {
                _responseReader.TrySetResult(reader);
                return;
            }

            await ReadSingleResponseAsync(reader);
        }
        catch (Exception e)
        {
            Finish(StatusFromException.Read(e), null);
        }
    }

    private async Task ReadSingleResponseAsync(ResponseMessageReader reader)
    {
        using (reader)
        {
            var message = await reader.ReadAsync(_method.ResponseMarshaller.ContextualDeserializer, Cancelled);
            if (message is not null
                && await reader.ReadAsync(_method.ResponseMarshaller.ContextualDeserializer, Cancelled) is not null)
            {
                throw new RpcException(new Status(StatusCode.Internal, "More than one message in the response."));
            }

            var (status, trailers) = ResponseStatus.FromTrailers(_httpResponse!);
            if (message is null && status.StatusCode == StatusCode.OK)
            {
                status = new Status(StatusCode.Internal, "Failed to deserialize response message: the response has none.");
            }

            Finish(status, trailers);
            if (status.StatusCode == StatusCode.OK && GetStatus().StatusCode == StatusCode.OK)
            {
                _response!.TrySetResult(message!);
            }
        }
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) =>
        Channel.Invoker is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled)
            : Channel.Invoker.SendAsync(request, Cancelled);

    private async Task AddCredentialsAsync(HttpRequestMessage request)
    {
        if (Channel.CallCredentials.Count == 0 && Options.Credentials is null)
        {
            return;
        }

        if (!Channel.SendCallCredentials)
        {
            GrpcCallLog.CallCredentialsNotSent(Channel.Logger, Method.FullName);
            return;
        }

        var credentials = Options.Credentials is null ? Channel.CallCredentials : Channel.CallCredentials.Append(Options.Credentials);
        var serviceUrl = new Uri(Channel.Address, "/" + Method.ServiceName).AbsoluteUri;
        var context = new AuthInterceptorContext(serviceUrl, Method.Name, Cancelled);
        var metadata = new Metadata();
        foreach (var interceptor in CallCredentialsReader.Read(credentials))
        {
            await interceptor(context, metadata);
        }

        RequestHeaders.WriteMetadata(request, metadata);
    }
}
