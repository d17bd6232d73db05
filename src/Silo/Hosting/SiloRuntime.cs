using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Copying;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>The silo: everything that takes a call from its reference to its grain and the answer back.</summary>
internal sealed class SiloRuntime : IDisposable
{
    private readonly CancellationTokenSource _stopNow = new();
    private readonly IOutgoingGrainCallFilter[] _outgoingFilters;
    private readonly Lazy<GrainManifest> _grains;
    private volatile SiloStage _stage;

    public SiloRuntime(
        IServiceProvider services,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IOptions<ExceptionSerializationOptions> exceptions,
        IEnumerable<IIncomingGrainCallFilter> incomingFilters,
        IEnumerable<IOutgoingGrainCallFilter> outgoingFilters,
        TimeProvider time,
        ILogger<SiloRuntime> logger)
    {
        Services = services;
        Messaging = messaging.Value;
        Collection = collection.Value;
        Time = time;
        Logger = logger;
        IncomingFilters = [.. incomingFilters];
        _outgoingFilters = [.. outgoingFilters];
        Exceptions = new ExceptionCarrier(exceptions.Value);
        Copiers = new Copiers();
        References = new References(this, Copiers);
        Observers = new ObserverDirectory(this);
        Pending = new PendingCalls(this);
        Directory = new ActivationDirectory(this);
        _grains = new Lazy<GrainManifest>(() => new GrainManifest(this, GrainManifest.ApplicationAssemblies()));
    }

    public IServiceProvider Services { get; }

    public SiloMessagingOptions Messaging { get; }

    public GrainCollectionOptions Collection { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public IIncomingGrainCallFilter[] IncomingFilters { get; }

    public ExceptionCarrier Exceptions { get; }

    public Copiers Copiers { get; }

    public References References { get; }

    public ObserverDirectory Observers { get; }

    public PendingCalls Pending { get; }

    public ActivationDirectory Directory { get; }

    public GrainManifest Grains => _grains.Value;

    /// <summary>Cancelled when the host's patience for stopping ends.</summary>
    public CancellationToken StopNow => _stopNow.Token;

    public SiloStage Stage
    {
        get => _stage;
        set => _stage = value;
    }

    public long ToTimestampTicks(TimeSpan time) => (long)(time.TotalSeconds * Time.TimestampFrequency);

    /// <summary>Makes a call, through the outgoing filters if there are any.</summary>
    public Task<T> CallAsync<T>(GrainReference reference, MethodDescriptor method, object?[] arguments)
    {
        method.CopyArguments(arguments);
        var filters = _outgoingFilters;
        if (RuntimeContext.Current?.GrainInstance is IOutgoingGrainCallFilter own)
        {
            filters = [.. filters, own];
        }

        if (filters.Length > 0)
        {
            return CallFilteredAsync<T>(new OutgoingCall(reference, method, arguments, filters));
        }

        if (method.IsOneWay)
        {
            Send(reference.GrainId, method, arguments, null);
            return Task.FromResult<T>(default!);
        }

        var response = new ResponseSource<T>();
        Send(reference.GrainId, method, arguments, response);
        return response.Task;
    }

    /// <summary>Sends a call whose arguments are copied already.</summary>
    public void Send(GrainId target, MethodDescriptor method, object?[] arguments, ResponseSource? response)
    {
        var request = new GrainRequest(this, method, target, RuntimeContext.Current, arguments, response);
        if (response is not null)
        {
            Pending.Add(request);
        }

        request.LinkCancellation();
        Deliver(request);
    }

    /// <summary>Gives a request to its grain's activation, or to a new one.</summary>
    public void Deliver(GrainRequest request)
    {
        if (request.IsExpired)
        {
            return;
        }

        try
        {
            if (request.Target.Type == ObserverDirectory.ObserverType)
            {
                Observers.Deliver(request);
                return;
            }

            while (true)
            {
                // A stopping silo finishes what lives in it, and brings nothing new to life.
                var target = _stage == SiloStage.Running ? Directory.GetOrCreate(request.Target)
                    : _stage == SiloStage.Stopping ? Directory.Find(request.Target)
                    : null;
                if (target is null)
                {
                    request.TryFail(new SiloUnavailableException($"The silo is not running ({_stage}): {request} was not delivered."));
                    return;
                }

                if (target.TryReceive(request))
                {
                    return;
                }
            }
        }
        catch (Exception exception)
        {
            request.TryFail(exception);
        }
    }

    public void CancelStop() => _stopNow.Cancel();

    public void Dispose()
    {
        Pending.Dispose();
        _stopNow.Dispose();
    }

    private static async Task<T> CallFilteredAsync<T>(OutgoingCall call)
    {
        await call.Invoke();
        return (T)call.Result!;
    }
}
