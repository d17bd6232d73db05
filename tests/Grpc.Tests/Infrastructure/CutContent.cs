using System.Net;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>A request body that is sent in parts of a given size.</summary>
internal sealed class CutContent(byte[] body, int partBytes) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (var part in body.Chunk(partBytes))
        {
            await stream.WriteAsync(part);
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
