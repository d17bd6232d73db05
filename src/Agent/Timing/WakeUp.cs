namespace Fleet.Agent.Timing;

/// <summary>
/// What one loop waits for: a time, or that somebody has something for it. A pulse that comes while it does not wait ends its next
/// wait at once, so that none is missed. One loop waits at a time; pulses may come from any thread.
/// </summary>
internal sealed class WakeUp(SharedTimer timer)
{
    private TaskCompletionSource? _waiting;
    private bool _pulsed;

    /// <summary>From this timestamp on it may be woken along with others.</summary>
    internal long From { get; private set; }

    /// <summary>At this timestamp it is due. <see cref="long.MaxValue"/>: never.</summary>
    internal long Until { get; private set; }

    /// <summary>Ends the wait, or the next one.</summary>
    public void Pulse() => timer.Pulse(this);

    /// <summary>
    /// Until a pulse, but no longer than <paramref name="latest"/>; up to <paramref name="slack"/> shorter when others are woken
    /// then.
    /// </summary>
    /// <param name="latest"><see cref="Timeout.InfiniteTimeSpan"/>: until a pulse.</param>
    public async Task WaitAsync(TimeSpan latest, TimeSpan slack, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiting = timer.Wait(this, latest, slack);
        if (!waiting.IsCompleted)
        {
            await using var registration = cancellationToken.UnsafeRegister(
                static (wakeUp, token) => ((WakeUp)wakeUp!).CancelWait(token), this);
            await waiting;
        }
    }

    // The rest is for the timer, which holds its lock.
    internal Task Begin(long from, long until)
    {
        if (_waiting is not null)
        {
            throw new InvalidOperationException("somebody waits already");
        }

        (From, Until) = (from, until);
        _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _waiting.Task;
    }

    internal void End()
    {
        _waiting!.SetResult();
        _waiting = null;
    }

    internal void Cancel(CancellationToken cancellationToken)
    {
        _waiting!.SetCanceled(cancellationToken);
        _waiting = null;
    }

    internal void KeepPulse() => _pulsed = true;

    internal bool TakePulse()
    {
        var pulsed = _pulsed;
        _pulsed = false;
        return pulsed;
    }

    private void CancelWait(CancellationToken cancellationToken) => timer.Cancel(this, cancellationToken);
}
