using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The responses of a call, for its handler.</summary>
internal sealed class ResponseStreamWriter<T>(HttpContextServerCallContext call, Marshaller<T> marshaller) : IServerStreamWriter<T>
    where T : class
{
    private readonly ResponseMessageWriter<T> _writer = new(call, marshaller);
    private WriteOptions? _writeOptions;
    private int _writing;

    public WriteOptions? WriteOptions
    {
        get => _writeOptions ?? call.WriteOptions;
        set => _writeOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Interlocked.Exchange(ref _writing, 1) != 0)
        {
            return Task.FromException(
                new InvalidOperationException("Can't write the message because the previous write is in progress."));
        }

        return WriteCoreAsync(message, cancellationToken);
    }

    private async Task WriteCoreAsync(T message, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (cancellationToken.CanBeCanceled && cancellationToken != call.Cancelled)
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, call.Cancelled);
                await _writer.WriteAsync(message, WriteOptions, isLast: false, both.Token);
            }
            else
            {
                await _writer.WriteAsync(message, WriteOptions, isLast: false, call.Cancelled);
            }
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }
}
