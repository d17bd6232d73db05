namespace Orleans.Runtime;

/// <summary>Where a request's answer goes.</summary>
internal abstract class ResponseSource
{
    public abstract void SetResult(object? result);

    public abstract void SetException(Exception exception);
}

/// <summary>An answer that somebody awaits. Continuations do not run on the grain's thread.</summary>
internal sealed class ResponseSource<T> : ResponseSource
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _source.Task;

    public override void SetResult(object? result) => _source.TrySetResult((T)result!);

    public override void SetException(Exception exception)
    {
        if (exception is OperationCanceledException cancelled && cancelled.CancellationToken.IsCancellationRequested)
        {
            _source.TrySetCanceled(cancelled.CancellationToken);
        }
        else
        {
            _source.TrySetException(exception);
        }
    }
}
