using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>
/// A timer whose calls are turns of its activation. The clock's timer is armed for one call at a time and again only when that
/// call has ended, so calls never pile up behind a slow one.
/// </summary>
internal abstract partial class GrainTimer : IGrainTimer
{
    private readonly Lock _gate = new();
    private readonly Activation _activation;
    private readonly CancellationTokenSource _disposed = new();
    private readonly ITimer _timer;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _ticking;
    private bool _changed;
    private bool _ended;

    protected GrainTimer(Activation activation, GrainTimerCreationOptions options)
    {
        Check(options.DueTime, nameof(options));
        Check(options.Period, nameof(options));
        _activation = activation;
        _dueTime = options.DueTime;
        _period = options.Period;
        Interleaves = options.Interleave;
        KeepsAlive = options.KeepAlive;
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            _timer = activation.Silo.Time.CreateTimer(
                static self => ((GrainTimer)self!).OnDue(),
                this,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        }
    }

    public bool Interleaves { get; }

    public bool KeepsAlive { get; }

    public bool IsDisposed
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    public void Start() => Arm(_dueTime);

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            _dueTime = dueTime;
            _period = period;
            if (_ticking)
            {
                _changed = true;
                return;
            }
        }

        Arm(dueTime);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
        }

        _timer.Dispose();
        _activation.OnTimerDisposed(this);
        _disposed.Cancel();
    }

    /// <summary>Runs one call, and arms the timer for the next. Called by the activation, on its scheduler.</summary>
    public async Task TickAsync()
    {
        if (IsDisposed)
        {
            return;
        }

        try
        {
            await InvokeAsync(_disposed.Token);
        }
        catch (Exception) when (_disposed.IsCancellationRequested)
        {
            // The timer ended in the middle of the call and told it so.
        }
        catch (Exception exception)
        {
            Log.CallbackFailed(_activation.Silo.Logger, exception, _activation.GrainId.ForLog());
        }

        TimeSpan next;
        lock (_gate)
        {
            _ticking = false;
            if (_ended)
            {
                return;
            }

            next = _changed ? _dueTime : _period;
            _changed = false;
        }

        Arm(next);
    }

    protected abstract Task InvokeAsync(CancellationToken cancellationToken);

    private void OnDue()
    {
        lock (_gate)
        {
            if (_ended || _ticking)
            {
                return;
            }

            _ticking = true;
        }

        if (!_activation.TryReceive(new TimerTick(this)))
        {
            Dispose();
        }
    }

    private void Arm(TimeSpan dueTime)
    {
        try
        {
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // Disposed in between by the end of the activation.
        }
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromMilliseconds(uint.MaxValue - 1), name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "A timer of grain {Grain} failed; it goes on")]
        public static partial void CallbackFailed(ILogger logger, Exception exception, string grain);
    }
}

/// <summary>A timer with the state that its callback is given.</summary>
internal sealed class GrainTimer<TState>(
    Activation activation,
    Func<TState, CancellationToken, Task> callback,
    TState state,
    GrainTimerCreationOptions options) : GrainTimer(activation, options)
{
    protected override Task InvokeAsync(CancellationToken cancellationToken) => callback(state, cancellationToken);
}
