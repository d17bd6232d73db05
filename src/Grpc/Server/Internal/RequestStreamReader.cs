using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The requests of a call, for its handler.</summary>
internal sealed class RequestStreamReader<T>(HttpContextServerCallContext call, Marshaller<T> marshaller) : IAsyncStreamReader<T>
    where T : class
{
    private readonly RequestMessageReader<T> _reader = new(call, marshaller);
    private T? _current;
    private bool _ended;
    private int _reading;

    public T Current => _current ?? throw new InvalidOperationException("No message has been read.");

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
        {
            return Task.FromException<bool>(
                new InvalidOperationException("Can't read the next message because the previous read is still in progress."));
        }

        return MoveNextCoreAsync(cancellationToken);
    }

    private async Task<bool> MoveNextCoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            call.Cancelled.ThrowIfCancellationRequested();
            if (_ended)
            {
                return false;
            }

            if (cancellationToken.CanBeCanceled && cancellationToken != call.Cancelled)
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, call.Cancelled);
                _current = await _reader.ReadAsync(both.Token);
            }
            else
            {
                _current = await _reader.ReadAsync(call.Cancelled);
            }

            _ended = _current is null;
            return !_ended;
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }
}
