using Grpc.Core;
using Grpc.Core.Wire;
using Grpc.Net.Compression;

namespace Grpc.Net.Client.Internal;

/// <summary>Writes the requests of a call. A write ends when HTTP/2 flow control has let the message go.</summary>
internal sealed class ClientStreamWriter<TRequest>(
    GrpcCall call, PushStreamContent content, Marshaller<TRequest> marshaller, ICompressionProvider? compression)
    : IClientStreamWriter<TRequest>
    where TRequest : class
{
    private static readonly TimeSpan StatusGrace = TimeSpan.FromSeconds(1);

    private readonly MessageSerializer _serializer = new(call.Channel.MaxSendMessageSizeBytes);
    private int _writing;
    private bool _complete;

    public WriteOptions? WriteOptions { get; set; } = call.Options.WriteOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_complete)
        {
            return Task.FromException(new InvalidOperationException("Request stream has already been completed."));
        }

        if (call.HasStatus)
        {
            return Task.FromException(AfterEnd());
        }

        if (Interlocked.Exchange(ref _writing, 1) != 0)
        {
            return Task.FromException(
                new InvalidOperationException("Can't write the message because the previous write is in progress."));
        }

        return WriteCoreAsync(message, cancellationToken);
    }

    public Task CompleteAsync()
    {
        if (Volatile.Read(ref _writing) != 0)
        {
            return Task.FromException(
                new InvalidOperationException("Can't complete the client stream writer because the previous write is in progress."));
        }

        _complete = true;
        content.End();
        return Task.CompletedTask;
    }

    private async Task WriteCoreAsync(TRequest message, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var registration = cancellationToken.UnsafeRegister(static state => ((GrpcCall)state!).CancelByCaller(), call);
            using var frame = MessageSender.Serialize(_serializer, marshaller, message, compression, WriteOptions);
            var stream = await content.StreamAsync;
            await stream.WriteAsync(frame.WrittenMemory, call.Cancelled);
            if (((WriteOptions?.Flags ?? 0) & WriteFlags.BufferHint) == 0)
            {
                await stream.FlushAsync(call.Cancelled);
            }
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted && !call.HasStatus)
        {
            // Too large to send: the stream is as it was, but its messages would no longer be what the caller meant.
            call.Finish(e.Status, null);
            throw;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // A server that ends a call early makes writes fail a moment before whoever reads the response has seen the status.
            throw await call.HasStatusWithinAsync(StatusGrace) ? AfterEnd() : call.ToException(new IOException(
                "The server has ended the call or the connection is lost; what is left of the response says which.", e));
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    private Exception AfterEnd() => call.GetStatus().StatusCode == StatusCode.OK
        ? new InvalidOperationException("Can't write the message because the call is complete.")
        : call.ToException();
}
