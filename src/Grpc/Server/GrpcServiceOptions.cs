using System.IO.Compression;
using Grpc.Core.Wire;
using Grpc.Net.Compression;

namespace Grpc.AspNetCore.Server;

/// <summary>How services work: for all of them, or through <see cref="GrpcServiceOptions{TService}"/> for one.</summary>
public class GrpcServiceOptions
{
    private int? _maxReceiveMessageSize = GrpcHeaderNames.DefaultMaxReceiveMessageSizeBytes;
    private int? _maxSendMessageSize;
    private IList<ICompressionProvider>? _compressionProviders;

    /// <summary>Bytes; null, the default: no limit. A larger message fails with RESOURCE_EXHAUSTED.</summary>
    public int? MaxSendMessageSize
    {
        get => _maxSendMessageSize;
        set
        {
            _maxSendMessageSize = value;
            MaxSendMessageSizeSpecified = true;
        }
    }

    /// <summary>Bytes, after decompression; 4 MiB by default; null: no limit. A larger message fails with RESOURCE_EXHAUSTED.</summary>
    public int? MaxReceiveMessageSize
    {
        get => _maxReceiveMessageSize;
        set
        {
            _maxReceiveMessageSize = value;
            MaxReceiveMessageSizeSpecified = true;
        }
    }

    /// <summary>Whether the text of a handler's unexpected exception is sent to the client. Default: no.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>The <c>grpc-encoding</c> of responses, for clients that accept it; null: none.</summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    /// <summary>Null: the provider's own.</summary>
    public CompressionLevel? ResponseCompressionLevel { get; set; }

    /// <summary>By default gzip.</summary>
    public IList<ICompressionProvider> CompressionProviders
    {
        get => _compressionProviders ??= [.. MessageCompression.DefaultProviders];
        set => _compressionProviders = value;
    }

    /// <summary>Run around every call, the first registered outermost.</summary>
    public InterceptorCollection Interceptors { get; } = [];

    /// <summary>Whether calls to unknown services are left to other endpoints instead of being answered with UNIMPLEMENTED.</summary>
    public bool? IgnoreUnknownServices { get; set; }

    internal bool MaxSendMessageSizeSpecified { get; private set; }

    internal bool MaxReceiveMessageSizeSpecified { get; private set; }

    internal bool CompressionProvidersSpecified => _compressionProviders is not null;
}
