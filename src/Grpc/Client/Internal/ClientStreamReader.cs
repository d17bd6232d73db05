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
            if (_ended)
            {
                return EndOfStream();
            }

            if (cancellationToken.IsCancellationRequested)
            {
                call.CancelByCaller();
            }

            using var registration = cancellationToken.UnsafeRegister(static state => ((GrpcCall)state!).CancelByCaller(), call);
            var reader = await call.ResponseReaderAsync;
            if (reader is not null && !call.HasStatus)
            {
                var message = await reader.ReadAsync(marshaller.ContextualDeserializer, call.Cancelled);
                if (message is not null)
                {
                    _current = message;
                    return true;
                }

                call.FinishFromTrailers();
            }

            End(reader);
            return EndOfStream();
        }
        catch (RpcException e) when (!call.HasStatus)
        {
            // What was received is not what the protocol allows.
            call.Finish(e.Status, null);
            EndNow();
            throw call.ToException();
        }
        catch (Exception e) when (e is not (RpcException or InvalidOperationException) && !_ended)
        {
            call.Finish(StatusFromException.Read(e), null);
            EndNow();
            throw call.ToException();
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    private bool EndOfStream()
    {
        _current = null;
        return call.GetStatus().StatusCode == StatusCode.OK ? false : throw call.ToException();
    }

    private void EndNow() => End(call.ResponseReaderAsync.IsCompletedSuccessfully ? call.ResponseReaderAsync.Result : null);

    private void End(ResponseMessageReader? reader)
    {
        _ended = true;
        _current = null;
        reader?.Dispose();
    }
}
