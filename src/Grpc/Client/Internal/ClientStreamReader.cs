using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Reads the responses of a call; its end gives the call its status.</summary>
internal sealed class ClientStreamReader<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call, Marshaller<TResponse> marshaller)
    : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private TResponse? _current;
    private int _reading;
    private bool _ended;

    public TResponse Current => _current ?? throw new InvalidOperationException("No message has been read.");

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
            if (!_ended)
            {
                _current = await ReadAsync(cancellationToken);
                if (_current is not null)
                {
                    return true;
                }

                _ended = true;
            }

            return call.GetStatus().StatusCode == StatusCode.OK ? false : throw call.ToException();
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    /// <summary>The next message; null when the call has its status, now or since before.</summary>
    private async Task<TResponse?> ReadAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            call.CancelByCaller();
        }

        using var registration = cancellationToken.UnsafeRegister(static state => ((GrpcCall)state!).CancelByCaller(), call);
        var reader = await call.ResponseReaderAsync;
        try
        {
            if (reader is not null && !call.HasStatus)
            {
                var message = await reader.ReadAsync(marshaller.ContextualDeserializer, call.Cancelled);
                if (message is not null)
                {
                    return message;
                }

                call.FinishFromTrailers();
            }
        }
        catch (Exception e)
        {
            // A broken connection, or bytes that the protocol does not allow; or what follows from the call's end, whose status then stands.
            call.Finish(StatusFromException.Read(e), null);
        }

        reader?.Dispose();
        return null;
    }
}
