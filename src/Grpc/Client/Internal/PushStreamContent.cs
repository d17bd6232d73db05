using System.Net;

namespace Grpc.Net.Client.Internal;

/// <summary>A request whose messages the caller writes one by one: hands out the HTTP stream and keeps it open until told to end.</summary>
internal sealed class PushStreamContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _callEnded;

    public PushStreamContent(CancellationToken callEnded) => _callEnded = callEnded;

    /// <summary>The HTTP request's stream, once there is a connection; cancelled when the call ends before.</summary>
    public Task<Stream> StreamAsync => _stream.Task;

    /// <summary>No more messages: the stream ends (END_STREAM).</summary>
    public void End() => _end.TrySetResult();

    /// <summary>
    /// The call is over. The stream must not end as if the caller had said so: a server would take a cancelled request for a complete one.
    /// </summary>
    public void Abandon()
    {
        _end.TrySetCanceled(CancellationToken.None);
        _stream.TrySetCanceled(CancellationToken.None);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Sends the request's headers now, not with the first message: the server may have to speak first.
        await stream.FlushAsync(_callEnded);
        if (!_stream.TrySetResult(stream) && !_end.Task.IsCanceled)
        {
            // The HTTP client tries again on another connection, but messages have gone to the first one.
            throw new IOException("The connection was lost before the server took the call.");
        }

        await _end.Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
