using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// What every call has whatever its messages: one status, given once by whoever is first (the server's trailers, the deadline, a cancellation,
/// a broken connection), and the cancellation of the HTTP request that follows from it.
/// </summary>
internal abstract class GrpcCall : IDisposable
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(24);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource<Status> _status = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Metadata> _responseHeaders = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _callerRegistration;
    private CancellationTokenRegistration _propagatedRegistration;
    private CancellationTokenRegistration _channelRegistration;
    private ITimer? _deadlineTimer;
    private Metadata? _trailers;

    protected GrpcCall(GrpcChannel channel, IMethod method, CallOptions options)
    {
        Channel = channel;
        Method = method;
        Options = options;
        Cancelled = _cancellation.Token;
        Deadline = ReadDeadline(options);
    }

    public GrpcChannel Channel { get; }

    public CallOptions Options { get; }

    public Task<Metadata> ResponseHeadersAsync => _responseHeaders.Task;

    /// <summary>Cancelled as soon as the call has a status.</summary>
    public CancellationToken Cancelled { get; }

    public bool HasStatus => _status.Task.IsCompleted;

    protected IMethod Method { get; }

    /// <summary>UTC; null: none.</summary>
    protected DateTime? Deadline { get; }

    protected TimeSpan TimeLeft => Deadline is { } deadline ? deadline - Channel.TimeProvider.GetUtcNow().UtcDateTime : Timeout.InfiniteTimeSpan;

    public Status GetStatus() => _status.Task.IsCompletedSuccessfully
        ? _status.Task.Result
        : throw new InvalidOperationException("Unable to get the status because the call is not complete.");

    public Metadata GetTrailers() => _status.Task.IsCompletedSuccessfully
        ? _trailers ?? Metadata.Empty
        : throw new InvalidOperationException("Can't get the call trailers because the call has not completed successfully.");

    public void Dispose() => Finish(new Status(StatusCode.Cancelled, "gRPC call disposed."), null);

    /// <summary>The exception that callers see for the call's status, or for <paramref name="cause"/> while it has none.</summary>
    public Exception ToException(Exception? cause = null)
    {
        var status = HasStatus ? _status.Task.Result : StatusFromException.Read(cause!);
        var exception = new RpcException(status, HasStatus ? GetTrailers() : Metadata.Empty);
        return Channel.ThrowOperationCanceled && status.StatusCode is (StatusCode.Cancelled or StatusCode.DeadlineExceeded)
            ? new OperationCanceledException(status.Detail, exception)
            : exception;
    }

    /// <summary>Whether the call gets a status within this time.</summary>
    public async Task<bool> HasStatusWithinAsync(TimeSpan time)
    {
        await ((Task)_status.Task).WaitAsync(time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return HasStatus;
    }

    /// <summary>The caller gave up, e.g. through the token of a read.</summary>
    public void CancelByCaller() => Finish(new Status(StatusCode.Cancelled, "Call canceled by the client."), null);

    /// <summary>Gives the call its status unless it has one, and ends the HTTP request.</summary>
    public void Finish(Status status, Metadata? trailers)
    {
        lock (_status)
        {
            if (_status.Task.IsCompleted)
            {
                return;
            }

            _trailers = trailers;
            _status.SetResult(status);
        }

        GrpcCallLog.Finished(Channel.Logger, Method.FullName, status.StatusCode);
        _deadlineTimer?.Dispose();
        _callerRegistration.Unregister();
        _propagatedRegistration.Unregister();
        _channelRegistration.Unregister();
        OnFinished(status);
        if (!_responseHeaders.Task.IsCompleted && _responseHeaders.TrySetException(ToException()))
        {
            // Seldom awaited: a failed call must not become an unobserved exception.
            _ = _responseHeaders.Task.Exception;
        }

        _cancellation.Cancel();
        OnCancelled();
    }

    /// <summary>Arms what can end the call early; false when it has ended already.</summary>
    protected bool Begin()
    {
        GrpcCallLog.Starting(Channel.Logger, Method.FullName, Method.Type);
        ObjectDisposedException.ThrowIf(Channel.Disposed.IsCancellationRequested, Channel);

        if (Deadline is not null)
        {
            var left = TimeLeft;
            if (left <= TimeSpan.Zero)
            {
                Finish(new Status(StatusCode.DeadlineExceeded, ""), null);
                return false;
            }

            // Armed in a second step: its callback uses the field.
            _deadlineTimer = Channel.TimeProvider.CreateTimer(
                static state => ((GrpcCall)state!).OnDeadlineTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _deadlineTimer.Change(TimerFor(left), Timeout.InfiniteTimeSpan);
        }

        _callerRegistration = Options.CancellationToken.UnsafeRegister(static state => ((GrpcCall)state!).CancelByCaller(), this);
        if (Options.PropagationToken is ContextPropagationTokenImpl propagated)
        {
            _propagatedRegistration =
                propagated.CancellationToken.UnsafeRegister(static state => ((GrpcCall)state!).CancelByCaller(), this);
        }

        _channelRegistration = Channel.Disposed.UnsafeRegister(static state => ((GrpcCall)state!).Dispose(), this);
        if (HasStatus)
        {
            // It ended while it was being armed: what was armed since would never be taken back.
            _deadlineTimer?.Dispose();
            _callerRegistration.Unregister();
            _propagatedRegistration.Unregister();
            _channelRegistration.Unregister();
            return false;
        }

        return true;
    }

    protected void SetResponseHeaders(Metadata headers) => _responseHeaders.TrySetResult(headers);

    /// <summary>The call has its status: whoever waits for it must be woken.</summary>
    protected abstract void OnFinished(Status status);

    /// <summary>Nothing is waited for any more: what the HTTP response holds can go.</summary>
    protected abstract void OnCancelled();

    private static TimeSpan TimerFor(TimeSpan left) => left < LongestTimer ? left : LongestTimer;

    private static DateTime? ReadDeadline(CallOptions options)
    {
        var deadline = options.Deadline;
        if (options.PropagationToken is ContextPropagationTokenImpl { DeadlineUtc: { } propagated }
            && (deadline is null || propagated < deadline))
        {
            deadline = propagated;
        }

        if (deadline is null || deadline == DateTime.MaxValue)
        {
            return null;
        }

        return deadline.Value.Kind == DateTimeKind.Utc || deadline == DateTime.MinValue
            ? deadline
            : throw new InvalidOperationException(
                "Deadline must have a kind DateTimeKind.Utc or be equal to DateTime.MaxValue or DateTime.MinValue.");
    }

    private void OnDeadlineTimer()
    {
        var left = TimeLeft;
        if (left > TimeSpan.Zero)
        {
            // A timer may fire a little early, and a far deadline takes several timers.
            _deadlineTimer?.Change(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : TimerFor(left), Timeout.InfiniteTimeSpan);
            return;
        }

        Finish(new Status(StatusCode.DeadlineExceeded, ""), null);
    }
}
