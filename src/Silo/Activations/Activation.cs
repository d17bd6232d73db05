namespace Orleans.Runtime;

/// <summary>
/// One life of a grain. This part decides which turn may start when; <c>Activation.Life.cs</c> begins and ends the life.
/// </summary>
internal sealed partial class Activation : IGrainContext, IRequestTarget, ICallChainReentrantGrainContext
{
    private readonly Lock _gate = new();
    private readonly SiloRuntime _silo;
    private readonly GrainClass _class;
    private readonly ActivationScheduler _scheduler;
    private readonly Func<Turn, bool> _canStart;
    private readonly Action<Activation> _ended;
    private TurnQueue _waiting;
    private ActivationState _state;
    private int _running;
    private int _runningReadOnly;
    private int _waitingInterleaving;
    private Dictionary<Guid, int>? _reentrantSections;
    private long _lastUse;
    private long _keepAliveUntil;

    /// <param name="silo">The silo that it lives in.</param>
    /// <param name="grainId">Whose life it is.</param>
    /// <param name="grainClass">What to construct.</param>
    /// <param name="ended">Called once when it is over, before waiting requests are sent on.</param>
    public Activation(SiloRuntime silo, GrainId grainId, GrainClass grainClass, Action<Activation> ended)
    {
        _silo = silo;
        _class = grainClass;
        _ended = ended;
        _scheduler = new ActivationScheduler(this);
        _canStart = CanStart;
        GrainId = grainId;
        _lastUse = silo.Time.GetTimestamp();
    }

    public GrainId GrainId { get; }

    public GrainClass Class => _class;

    public object? GrainInstance { get; private set; }

    public GrainReference GrainReference => field ??= new GrainReference(new GrainReferenceShared(_silo.References, GrainId.Type), GrainId.Key);

    public IServiceProvider ActivationServices => _scope?.ServiceProvider
        ?? throw new InvalidOperationException("The activation has no services: it has not begun, or it is over.");

    public IGrainLifecycle ObservableLifecycle => _lifecycle;

    public Task Deactivated => _deactivated.Task;

    public SiloRuntime Silo => _silo;

    public IEnumerable<Activation> Activations => [this];

    /// <summary>How many turns run or wait.</summary>
    public int Load
    {
        get
        {
            lock (_gate)
            {
                return _running + _waiting.Count;
            }
        }
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public bool TryReceive(GrainRequest request)
    {
        var limit = _class.MaxEnqueuedRequests;
        lock (_gate)
        {
            if (_state == ActivationState.Invalid)
            {
                return false;
            }

            if (limit <= 0 || _running + _waiting.Count <= limit)
            {
                Receive(request);
                return true;
            }
        }

        request.TryFail(new LimitExceededException(
            $"{GrainId.ForLog()} has more than {limit} requests running or waiting, its limit (SiloMessagingOptions.MaxEnqueuedRequestsHardLimit)."));
        return true;
    }

    /// <summary>Takes a timer's call.</summary>
    /// <returns>False if the activation is ending or over.</returns>
    public bool TryReceive(TimerTick tick)
    {
        lock (_gate)
        {
            if (_state is ActivationState.Deactivating or ActivationState.Invalid)
            {
                return false;
            }

            Receive(tick);
            return true;
        }
    }

    /// <summary>Runs something in this activation outside of turns: a cancellation that a caller asked for.</summary>
    public void Post(Action action) => _scheduler.Enqueue(action);

    /// <summary>Starts a turn. Called by the scheduler, on it.</summary>
    public void Run(Turn turn) => _ = RunToEndAsync(turn);

    public void DelayDeactivation(TimeSpan timeSpan)
    {
        lock (_gate)
        {
            _keepAliveUntil = timeSpan <= TimeSpan.Zero ? 0
                : timeSpan > TimeSpan.FromDays(36500) ? long.MaxValue
                : _silo.Time.GetTimestamp() + _silo.ToTimestampTicks(timeSpan);
        }
    }

    /// <summary>Whether nothing ran for the grain's collection age, and nothing asks to keep it.</summary>
    public bool IsIdleSince(long nowTimestamp)
    {
        var age = _class.CollectionAge;
        lock (_gate)
        {
            return age != Timeout.InfiniteTimeSpan
                && _state == ActivationState.Valid
                && _running == 0
                && _waiting.Count == 0
                && nowTimestamp >= _keepAliveUntil
                && _silo.Time.GetElapsedTime(_lastUse, nowTimestamp) >= age;
        }
    }

    void ICallChainReentrantGrainContext.OnEnterReentrantSection(Guid reentrancyId)
    {
        lock (_gate)
        {
            _reentrantSections ??= [];
            _reentrantSections[reentrancyId] = _reentrantSections.GetValueOrDefault(reentrancyId) + 1;
            StartWaiting();
        }
    }

    void ICallChainReentrantGrainContext.OnExitReentrantSection(Guid reentrancyId)
    {
        lock (_gate)
        {
            if (_reentrantSections is null || !_reentrantSections.TryGetValue(reentrancyId, out var count))
            {
                throw new InvalidOperationException("A reentrant section ended more often than it began.");
            }

            if (count == 1)
            {
                _reentrantSections.Remove(reentrancyId);
            }
            else
            {
                _reentrantSections[reentrancyId] = count - 1;
            }
        }
    }

    private void Receive(Turn turn)
    {
        if (_state == ActivationState.Created)
        {
            _state = ActivationState.Activating;
            _scheduler.Enqueue(ActivateAsync);
        }

        if (CanStart(turn))
        {
            Start(turn);
        }
        else
        {
            _waiting.Append(turn);
            _waitingInterleaving += turn.Interleaves ? 1 : 0;
        }
    }

    private bool CanStart(Turn turn)
    {
        if (_state != ActivationState.Valid)
        {
            return false;
        }

        return _running == 0
            || turn.Interleaves
            || _class.IsReentrant
            || (turn.IsReadOnly && _runningReadOnly == _running)
            || (_reentrantSections is { Count: > 0 } sections
                && turn.ReentrancyId is var id && id != Guid.Empty
                && sections.ContainsKey(id));
    }

    private void Start(Turn turn)
    {
        _running++;
        if (turn.IsReadOnly)
        {
            _runningReadOnly++;
        }

        if (turn.IsUse)
        {
            _lastUse = _silo.Time.GetTimestamp();
        }

        _scheduler.Enqueue(turn);
    }

    /// <summary>Starts every waiting turn that may start now. Called under the lock.</summary>
    private void StartWaiting()
    {
        // Only a turn that interleaves (it waits for the activation alone), a read-only one, or one of a reentrant call chain may
        // overtake the one in front of it.
        while (_waiting.Count > 0)
        {
            var mayOvertake = _waitingInterleaving > 0
                || (_running > 0 && (_runningReadOnly == _running || _reentrantSections is { Count: > 0 }));
            if (_waiting.TakeFirst(_canStart, headOnly: !mayOvertake) is not { } turn)
            {
                return;
            }

            _waitingInterleaving -= turn.Interleaves ? 1 : 0;
            Start(turn);
        }
    }

    private async Task RunToEndAsync(Turn turn)
    {
        if (!turn.IsExpired)
        {
            await turn.RunAsync(this);
        }

        lock (_gate)
        {
            _running--;
            if (turn.IsReadOnly)
            {
                _runningReadOnly--;
            }

            if (turn.IsUse)
            {
                _lastUse = _silo.Time.GetTimestamp();
            }

            if (_state == ActivationState.Deactivating)
            {
                EndIfQuiet();
            }
            else
            {
                StartWaiting();
            }
        }
    }
}
