using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>The objects of this process that grains may call back on, held weakly.</summary>
internal sealed class ObserverDirectory(SiloRuntime silo)
{
    /// <summary>The kind of all observers, as in Orleans.</summary>
    public static readonly GrainType ObserverType = GrainType.Create("sys.client");

    private readonly ConcurrentDictionary<GrainId, Observer> _observers = new();
    private readonly string _process = Guid.NewGuid().ToString("N");
    private long _lastSweep;

    /// <summary>Registers an object.</summary>
    /// <exception cref="ArgumentException">It is a reference already, or a grain.</exception>
    public GrainId Add(IGrainObserver target, Type interfaceType)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target is GrainReference)
        {
            throw new ArgumentException("Argument obj is already a grain reference.", nameof(target));
        }

        if (target is IGrainBase)
        {
            throw new ArgumentException("Argument must not be a grain class: use AsReference.", nameof(target));
        }

        if (!interfaceType.IsInstanceOfType(target))
        {
            throw new ArgumentException($"{target.GetType()} does not implement {interfaceType}.", nameof(target));
        }

        silo.References.Describe(interfaceType);
        SweepNowAndThen();
        var id = GrainId.Create(ObserverType, $"{_process}+{Guid.NewGuid():N}");
        _observers[id] = new Observer(silo, id, target);
        return id;
    }

    public bool Remove(GrainId id) => _observers.TryRemove(id, out _);

    /// <summary>Hands a call to the object, after the ones before it.</summary>
    public void Deliver(GrainRequest request)
    {
        if (!_observers.TryGetValue(request.Target, out var observer) || !observer.TryReceive(request))
        {
            _observers.TryRemove(request.Target, out _);
            request.TryFail(new ClientNotAvailableException(request.Target));
        }
    }

    /// <summary>Forgets collected objects that nobody calls, so that they don't pile up where hosts come and go.</summary>
    private void SweepNowAndThen()
    {
        var now = silo.Time.GetTimestamp();
        var last = Interlocked.Read(ref _lastSweep);
        if (silo.Time.GetElapsedTime(last, now) < TimeSpan.FromMinutes(1)
            || Interlocked.CompareExchange(ref _lastSweep, now, last) != last)
        {
            return;
        }

        foreach (var (id, observer) in _observers)
        {
            if (!observer.IsAlive)
            {
                _observers.TryRemove(id, out _);
            }
        }
    }
}
