using System.Net;
using Grpc.Core.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// A request of one message. The HTTP client may send it a second time (on another connection, when the first refused it), so the
/// bytes are kept until the call has ended.
/// </summary>
internal sealed class UnaryContent(PooledBuffer frame) : HttpContent
{
    private readonly Lock _gate = new();
    private int _sending;
    private bool _released;

    /// <summary>The call has ended: gives the bytes back as soon as nobody sends them.</summary>
    public void Release()
    {
        lock (_gate)
        {
            if (_released)
            {
                return;
            }

            _released = true;
            if (_sending == 0)
            {
                frame.Dispose();
            }
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_released)
            {
                throw new OperationCanceledException("The call has ended.");
            }

            _sending++;
        }

        try
        {
            await stream.WriteAsync(frame.WrittenMemory, cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _sending--;
                if (_released && _sending == 0)
                {
                    frame.Dispose();
                }
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
