using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Grpc.Core;
using Grpc.Core.Wire;
using Grpc.Net.Client.Internal;
using Grpc.Net.Client.Internal.Credentials;
using Grpc.Net.Compression;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grpc.Net.Client;

/// <summary>A way to one server over HTTP/2. Thread-safe; made once and shared. Disposing it ends its calls.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly ConcurrentDictionary<string, Uri> _callUris = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _disposed = new();
    private readonly bool _disposeInvoker;
    private int _disposeCalls;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        Address = address;
        MaxSendMessageSizeBytes = options.MaxSendMessageSize;
        MaxReceiveMessageSizeBytes = options.MaxReceiveMessageSize;
        ThrowOperationCanceled = options.ThrowOperationCanceledOnCancellation;
        SendCallCredentials = address.Scheme == Uri.UriSchemeHttps || options.UnsafeUseInsecureChannelCallCredentials;
        TimeProvider = options.TimeProvider;
        Compression = new MessageCompression((IEnumerable<ICompressionProvider>?)options.CompressionProviders ?? MessageCompression.DefaultProviders);
        Logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Grpc.Net.Client.Internal.GrpcCall");
        CallCredentials = ReadCredentials(address, options.Credentials);
        (Invoker, _disposeInvoker) = CreateInvoker(options);
        Disposed = _disposed.Token;
    }

    internal Uri Address { get; }

    internal HttpMessageInvoker Invoker { get; }

    internal MessageCompression Compression { get; }

    internal ILogger Logger { get; }

    internal TimeProvider TimeProvider { get; }

    internal int? MaxSendMessageSizeBytes { get; }

    internal int? MaxReceiveMessageSizeBytes { get; }

    internal bool ThrowOperationCanceled { get; }

    internal bool SendCallCredentials { get; }

    internal IReadOnlyList<CallCredentials> CallCredentials { get; }

    internal CancellationToken Disposed { get; }

    /// <inheritdoc cref="ForAddress(Uri, GrpcChannelOptions)"/>
    [SuppressMessage("Design", "CA1054:URI-like parameters should not be strings", Justification = "Shape of the public gRPC API.")]
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <inheritdoc cref="ForAddress(Uri, GrpcChannelOptions)"/>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        return ForAddress(new Uri(address, UriKind.Absolute), channelOptions);
    }

    /// <inheritdoc cref="ForAddress(Uri, GrpcChannelOptions)"/>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Makes a channel; connecting waits for the first call.</summary>
    /// <param name="address"><c>https://host:port</c>, or <c>http://host:port</c> for plain text.</param>
    /// <param name="channelOptions">Read once, here.</param>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
        {
            throw new ArgumentException($"The address '{address}' must begin with http: or https:.", nameof(address));
        }

        if (channelOptions.HttpClient is not null && channelOptions.HttpHandler is not null)
        {
            throw new ArgumentException(
                "HttpClient and HttpHandler have been configured. Only one HTTP caller can be specified.", nameof(channelOptions));
        }

        return new GrpcChannel(address, channelOptions);
    }

    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(Disposed.IsCancellationRequested, this);
        return new HttpClientCallInvoker(this);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposeCalls, 1) != 0)
        {
            return;
        }

        _disposed.Cancel();
        if (_disposeInvoker)
        {
            Invoker.Dispose();
        }
    }

    internal Uri CallUri(IMethod method) =>
        _callUris.TryGetValue(method.FullName, out var uri)
            ? uri
            : _callUris.GetOrAdd(method.FullName, static (name, address) => new Uri(address, name), Address);

    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    private static (HttpMessageInvoker Invoker, bool Dispose) CreateInvoker(GrpcChannelOptions options)
    {
        if (options.HttpClient is { } client)
        {
            return (client, options.DisposeHttpClient);
        }

        var handler = options.HttpHandler;
        var disposeHandler = handler is null || options.DisposeHttpClient;
        handler ??= new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        return (new HttpMessageInvoker(handler, disposeHandler), true);
    }

    private static IReadOnlyList<CallCredentials> ReadCredentials(Uri address, ChannelCredentials? credentials)
    {
        if (credentials is null)
        {
            return [];
        }

        var read = new ChannelCredentialsReader();
        credentials.InternalPopulateConfiguration(read, address);
        var wanted = read.IsSecure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        return address.Scheme == wanted
            ? read.CallCredentials
            : throw new InvalidOperationException(
                $"Channel is configured with {(read.IsSecure ? "secure" : "insecure")} channel credentials and can't use an address with the '{address.Scheme}' scheme.");
    }
}
