using System.Diagnostics.CodeAnalysis;
using Grpc.AspNetCore.Server.Features;
using Grpc.Core;
using Grpc.Core.Wire;
using Grpc.Net.Compression;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>A call over an HTTP/2 request: what its handler sees of it. How it ends is in the other part.</summary>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "A handler's background work may hold the token beyond the call; neither field holds anything outside the heap.")]
internal sealed partial class HttpContextServerCallContext : ServerCallContext, IServerCallContextFeature
{
    private readonly IMethod _method;
    private readonly DateTime _deadline = DateTime.MaxValue;
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private AuthContext? _authContext;
    private string? _peer;
    private bool _headersSent;
    private ICompressionProvider? _responseCompression;

    public HttpContextServerCallContext(HttpContext httpContext, IMethod method, ServiceMethodEnvironment environment)
    {
        HttpContext = httpContext;
        _method = method;
        Environment = environment;
        _cancellation = new CancellationTokenSource();
        Cancelled = _cancellation.Token;
        RequestEncoding = httpContext.Request.Headers[GrpcHeaderNames.Encoding];
        var timeout = httpContext.Request.Headers[GrpcHeaderNames.Timeout];
        if (timeout.Count == 0)
        {
            return;
        }

        if (!GrpcTimeout.TryDecode(timeout, out var left))
        {
            GrpcServerLog.InvalidTimeoutIgnored(environment.Logger, method.FullName);
            return;
        }

        var now = environment.TimeProvider.GetUtcNow().UtcDateTime;
        if (left < DateTime.MaxValue - now)
        {
            _timeLeft = left;
            _deadline = now + left;
        }
    }

    public HttpContext HttpContext { get; }

    public ServiceMethodEnvironment Environment { get; }

    public string? RequestEncoding { get; }

    public bool HasResponseTrailers => _responseTrailers is { Count: > 0 };

    ServerCallContext IServerCallContextFeature.ServerCallContext => this;

    protected override string MethodCore => _method.FullName;

    protected override string HostCore => HttpContext.Request.Host.Value ?? "";

    protected override string PeerCore => _peer ??= PeerIdentity.Address(HttpContext.Connection);

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ResponseHeaders.ReadRequestHeaders(HttpContext.Request.Headers);

    protected override CancellationToken CancellationTokenCore => Cancelled;

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => _authContext ??= PeerIdentity.Authentication(HttpContext.Connection.ClientCertificate);

    /// <summary>The compression for a response message written now; null: none. Fixed when the headers are sent.</summary>
    public ICompressionProvider? ResponseCompressionFor(WriteOptions? writeOptions)
    {
        PrepareHeaders();
        return ((writeOptions?.Flags ?? 0) & WriteFlags.NoCompress) == 0 ? _responseCompression : null;
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        await _writeLock.WaitAsync(Cancelled);
        try
        {
            ThrowIfEnded();
            if (_headersSent)
            {
                throw new InvalidOperationException("Response headers can only be sent once per call.");
            }

            ResponseHeaders.WriteHeaders(HttpContext.Response.Headers, responseHeaders);
            var encoding = responseHeaders.GetValue(Metadata.CompressionRequestAlgorithmMetadataKey);
            if (!MessageCompression.IsIdentity(encoding))
            {
                _responseCompression = Environment.Compression.Find(encoding!)
                    ?? throw new InvalidOperationException($"Could not find compression provider for '{encoding}'.");
            }

            PrepareHeaders();
            await HttpContext.Response.BodyWriter.FlushAsync(CancellationToken.None);
        }
        finally
        {
            _writeLock.Release();
        }
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options)
    {
        options ??= ContextPropagationOptions.Default;
        return new ContextPropagationTokenImpl(
            options.IsPropagateDeadline && _deadline != DateTime.MaxValue ? _deadline : null,
            options.IsPropagateCancellation ? Cancelled : default);
    }

    /// <summary>Decides on the response's compression, once, before anything is sent.</summary>
    private void PrepareHeaders()
    {
        if (_headersSent)
        {
            return;
        }

        _headersSent = true;
        _responseCompression ??= Environment.ResponseCompression;
        if (_responseCompression is not null && !ClientAccepts(_responseCompression.EncodingName))
        {
            _responseCompression = null;
        }

        if (_responseCompression is not null)
        {
            HttpContext.Response.Headers[GrpcHeaderNames.Encoding] = _responseCompression.EncodingName;
        }
    }

    private bool ClientAccepts(string encoding)
    {
        foreach (var line in HttpContext.Request.Headers[GrpcHeaderNames.AcceptEncoding])
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                if (line.AsSpan()[part].Trim().SequenceEqual(encoding))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
