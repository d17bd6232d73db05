using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

internal sealed partial class Activation
{
    private readonly ActivationLifecycle _lifecycle = new();
    private readonly HashSet<GrainTimer> _timers = [];
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AsyncServiceScope? _scope;
    private DeactivationReason _reason;
    private CancellationToken _deactivationCancelled;
    private bool _deactivationRequested;
    private bool _ending;

    private ILogger Logger => _silo.Logger;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_deactivationRequested || _state == ActivationState.Invalid)
            {
                return;
            }

            _deactivationRequested = true;
            _reason = deactivationReason;
            _deactivationCancelled = cancellationToken;
            switch (_state)
            {
                case ActivationState.Created:
                    // It never began, so nothing has to end. Nobody could give it a request: that would have begun it.
                    _state = ActivationState.Activating;
                    _scheduler.Enqueue(FinishAsync);
                    break;
                case ActivationState.Valid:
                    _state = ActivationState.Deactivating;
                    EndIfQuiet();
                    break;
            }
        }

        StopTimers();
    }

    public IGrainTimer RegisterTimer(GrainTimer timer)
    {
        lock (_gate)
        {
            if (_deactivationRequested || _state == ActivationState.Invalid)
            {
                timer.Dispose();
                return timer;
            }

            _timers.Add(timer);
        }

        timer.Start();
        return timer;
    }

    public void OnTimerDisposed(GrainTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }

    /// <summary>Begins the end once nothing runs any more. Called under the lock.</summary>
    private void EndIfQuiet()
    {
        if (_running == 0 && !_ending)
        {
            _ending = true;
            _scheduler.Enqueue(EndAsync);
        }
    }

    private async Task ActivateAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(_silo.Collection.ActivationTimeout, _silo.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _silo.StopNow);
            _scope = _silo.Services.CreateAsyncScope();
            GrainInstance = _class.CreateInstance(this);
            await _lifecycle.OnStart(either.Token).WaitAsync(either.Token);
            if (GrainInstance is IGrainBase grain)
            {
                await grain.OnActivateAsync(either.Token).WaitAsync(either.Token);
            }
        }
        catch (Exception exception)
        {
            Log.ActivationFailed(Logger, exception, GrainId.ForLog());
            await FailAsync(exception);
            return;
        }

        lock (_gate)
        {
            _lastUse = _silo.Time.GetTimestamp();
            if (!_deactivationRequested)
            {
                _state = ActivationState.Valid;
                StartWaiting();
                return;
            }

            _state = ActivationState.Deactivating;
            EndIfQuiet();
        }
    }

    private async Task EndAsync()
    {
        using var timeout = new CancellationTokenSource(_silo.Collection.DeactivationTimeout, _silo.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _silo.StopNow, _deactivationCancelled);
        try
        {
            if (GrainInstance is IGrainBase grain)
            {
                await grain.OnDeactivateAsync(_reason, either.Token).WaitAsync(either.Token);
            }

            await _lifecycle.OnStop(either.Token).WaitAsync(either.Token);
        }
        catch (Exception exception)
        {
            Log.DeactivationFailed(Logger, exception, GrainId.ForLog());
        }

        await FinishAsync();
    }

    private async Task FailAsync(Exception exception)
    {
        lock (_gate)
        {
            _deactivationRequested = true;
            _reason = new(DeactivationReasonCode.ActivationFailed, exception, "Failed to activate grain");
        }

        await FinishAsync(exception);
    }

    private Task FinishAsync() => FinishAsync(null);

    private async Task FinishAsync(Exception? failure)
    {
        StopTimers();
        try
        {
            if (GrainInstance is IAsyncDisposable asyncDisposable)
            {
                await asyncDisposable.DisposeAsync();
            }
            else
            {
                (GrainInstance as IDisposable)?.Dispose();
            }

            if (_scope is { } scope)
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception exception)
        {
            Log.DeactivationFailed(Logger, exception, GrainId.ForLog());
        }

        // Out of the directory first, so that whoever finds this activation over finds another one by looking again.
        _ended(this);
        List<Turn> waiting;
        lock (_gate)
        {
            _state = ActivationState.Invalid;
            waiting = _waiting.TakeAll();
        }

        foreach (var turn in waiting)
        {
            turn.OnActivationEnded(this, failure);
        }

        _deactivated.TrySetResult();
    }

    private void StopTimers()
    {
        GrainTimer[] timers;
        lock (_gate)
        {
            timers = [.. _timers];
        }

        foreach (var timer in timers)
        {
            timer.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Grain {Grain} could not be activated; its callers are told, and the next call tries again")]
        public static partial void ActivationFailed(ILogger logger, Exception exception, string grain);

        [LoggerMessage(Level = LogLevel.Error, Message = "Grain {Grain} failed while it was deactivated")]
        public static partial void DeactivationFailed(ILogger logger, Exception exception, string grain);
    }
}
