using Fleet.Protocol.Compression;
using Grpc.AspNetCore.Server;

namespace Fleet.Coordinator.Hosting;

/// <summary>Limits on the messages that callers send.</summary>
internal static class GrpcSetup
{
    /// <summary>Largest message that is accepted, in bytes, also after decompression.</summary>
    private const int MaxMessageBytes = 4 * 1024 * 1024;

    public static WebApplicationBuilder AddMessageLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddGrpc(SetLimits);
        return builder;
    }

    public static void SetLimits(GrpcServiceOptions options)
    {
        options.MaxReceiveMessageSize = MaxMessageBytes;
        options.CompressionProviders = [new BoundedGzip(MaxMessageBytes)];
    }
}
