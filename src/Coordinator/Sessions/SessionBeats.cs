namespace Fleet.Coordinator.Sessions;

/// <summary>
/// The heartbeat of all sessions: one timer, with each session on one of its beats. Sessions of one beat are woken together, because a
/// timer for each of a thousand sessions would wake the machine a thousand times. Beats that nobody waits for are skipped. Thread-safe.
/// </summary>
internal sealed class SessionBeats : IDisposable
{
    /// <summary>
    /// Beats in <see cref="SessionServices.HeartbeatInterval"/>: messages to all hosts at once would be answered all at once.
    /// </summary>
    private const int Beats = 20;

    private static readonly TimeSpan Pause = SessionServices.HeartbeatInterval / Beats;

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource?[] _waiting = new TaskCompletionSource?[Beats];
    private readonly long[] _due = new long[Beats];
    private readonly int[] _sessions = new int[Beats];
    private readonly long _begun;
    private long _armedFor = long.MaxValue;

    public SessionBeats(TimeProvider clock)
    {
        _clock = clock;
        _begun = clock.GetTimestamp();
        _timer = clock.CreateTimer(static beats => ((SessionBeats)beats!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gives a session a place on a beat until it is disposed.</summary>
    public Session Open()
    {
        lock (_gate)
        {
            // Of the beats with the fewest sessions, take the furthest away: many sessions may begin within one beat.
            var now = Now();
            var chosen = Enumerable.Range(0, Beats).Select(back => (int)((now + Beats - back) % Beats)).MinBy(beat => _sessions[beat]);
            _sessions[chosen]++;
            return new Session(this, chosen);
        }
    }

    public void Dispose() => _timer.Dispose();

    private Task NextAsync(int beat)
    {
        lock (_gate)
        {
            if (_waiting[beat] is null)
            {
                _waiting[beat] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var now = Now();
                var next = (now / Beats * Beats) + beat;
                _due[beat] = next > now ? next : next + Beats;
                Arm();
            }

            return _waiting[beat]!.Task;
        }
    }

    private void Close(int beat)
    {
        lock (_gate)
        {
            _sessions[beat]--;
        }
    }

    private void Fire()
    {
        lock (_gate)
        {
            var now = Now();
            for (var beat = 0; beat < Beats; beat++)
            {
                if (_due[beat] <= now)
                {
                    _waiting[beat]?.SetResult();
                    _waiting[beat] = null;
                }
            }

            _armedFor = long.MaxValue;
            Arm();
        }
    }

    /// <summary>Sets the timer to the next beat that somebody waits for, unless it is already set.</summary>
    private void Arm()
    {
        var next = long.MaxValue;
        for (var beat = 0; beat < Beats; beat++)
        {
            next = _waiting[beat] is null ? next : Math.Min(next, _due[beat]);
        }

        if (next < _armedFor)
        {
            _armedFor = next;
            var pause = (Pause * next) - _clock.GetElapsedTime(_begun);
            // Rounded up: a timer counts whole milliseconds, and one that fires before its beat has to be set again.
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(pause.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The number of beats that have passed.</summary>
    private long Now() => (long)(_clock.GetElapsedTime(_begun) / Pause);

    /// <summary>The place of one session.</summary>
    public sealed class Session(SessionBeats beats, int beat) : IDisposable
    {
        private int _closed;

        /// <summary>Completes at this session's next beat, about <see cref="SessionServices.HeartbeatInterval"/> after its last.</summary>
        public Task NextAsync(CancellationToken cancellationToken) => beats.NextAsync(beat).WaitAsync(cancellationToken);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0)
            {
                beats.Close(beat);
            }
        }
    }
}
