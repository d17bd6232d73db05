using System.IO.Compression;
using Grpc.Core.Wire;
using Grpc.Net.Compression;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>What the handlers of one service share: its options over those of all services, its log, the clock.</summary>
internal sealed class ServiceMethodEnvironment
{
    private ServiceMethodEnvironment(GrpcServiceOptions all, GrpcServiceOptions one, ILogger logger, GrpcCallDrain drain)
    {
        MaxSendMessageSizeBytes = one.MaxSendMessageSizeSpecified ? one.MaxSendMessageSize : all.MaxSendMessageSize;
        MaxReceiveMessageSizeBytes = one.MaxReceiveMessageSizeSpecified ? one.MaxReceiveMessageSize : all.MaxReceiveMessageSize;
        EnableDetailedErrors = one.EnableDetailedErrors ?? all.EnableDetailedErrors ?? false;
        IgnoreUnknownServices = one.IgnoreUnknownServices ?? all.IgnoreUnknownServices ?? false;
        Compression = new MessageCompression(one.CompressionProvidersSpecified ? one.CompressionProviders : all.CompressionProviders);
        ResponseCompressionLevel = one.ResponseCompressionLevel ?? all.ResponseCompressionLevel;
        if ((one.ResponseCompressionAlgorithm ?? all.ResponseCompressionAlgorithm) is { } algorithm && !MessageCompression.IsIdentity(algorithm))
        {
            ResponseCompression = Compression.Find(algorithm)
                ?? throw new InvalidOperationException(
                    $"The configured response compression algorithm '{algorithm}' does not have a matching compression provider.");
        }

        Interceptors = [.. all.Interceptors, .. one.Interceptors];
        Logger = logger;
        Drain = drain;
    }

    public int? MaxSendMessageSizeBytes { get; }

    public int? MaxReceiveMessageSizeBytes { get; }

    public bool EnableDetailedErrors { get; }

    public bool IgnoreUnknownServices { get; }

    public MessageCompression Compression { get; }

    public ICompressionProvider? ResponseCompression { get; }

    public CompressionLevel? ResponseCompressionLevel { get; }

    public IReadOnlyList<InterceptorRegistration> Interceptors { get; }

    public ILogger Logger { get; }

    public GrpcCallDrain Drain { get; }

    public TimeProvider TimeProvider { get; } = TimeProvider.System;

    public static ServiceMethodEnvironment Create<TService>(IServiceProvider services)
        where TService : class =>
        new(
            services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value,
            services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value,
            services.GetRequiredService<ILoggerFactory>().CreateLogger("Grpc.AspNetCore.Server.ServerCallHandler"),
            services.GetRequiredService<GrpcCallDrain>());
}
