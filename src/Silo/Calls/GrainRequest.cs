using System.Reflection;
using Microsoft.Extensions.Logging;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

#pragma warning disable CA1001 // A cancellation source without a timer holds nothing that needs disposing.
/// <summary>One call on its way: sent, waiting, running, answered. Whoever completes it first decides what the caller sees.</summary>
internal sealed partial class GrainRequest(
    SiloRuntime silo,
    MethodDescriptor method,
    GrainId target,
    IGrainContext? source,
    object?[] arguments,
    ResponseSource? response) : Turn, IInvokable
#pragma warning restore CA1001
{
    /// <summary>How often a request follows its grain from an ended activation to a new one, as in Orleans.</summary>
    private const int MaxForwards = 2;

    private readonly RequestContextData? _context = RequestContext.Current?.ForCall(silo.Copiers);
    private CancellationTokenSource? _cancellation;
    private CancellationTokenRegistration _callerCancelled;
    private Activation? _activation;
    private int _completed;
    private int _forwards;

    public MethodDescriptor Method => method;

    public GrainId Target => target;

    public IGrainContext? Source => source;

    public object?[] Arguments => arguments;

    public RequestContextData? Context => _context;

    public override bool Interleaves => method.AlwaysInterleave;

    public override bool IsReadOnly => method.IsReadOnly;

    public override bool IsUse => true;

    public override Guid ReentrancyId => _context?.ReentrancyId ?? Guid.Empty;

    /// <summary>A timed out or cancelled request that waits is not started at all.</summary>
    public override bool IsExpired => Volatile.Read(ref _completed) != 0;

    /// <summary>For <see cref="PendingCalls"/>: when the caller stops waiting.</summary>
    public long DeadlineTimestamp { get; set; }

    /// <summary>For <see cref="PendingCalls"/>: neighbours in its list.</summary>
    public GrainRequest? PendingNext { get; set; }

    /// <summary>For <see cref="PendingCalls"/>: neighbours in its list.</summary>
    public GrainRequest? PendingPrevious { get; set; }

    /// <summary>For <see cref="PendingCalls"/>: its list; -1 for a request that nobody awaits.</summary>
    public int PendingShard { get; set; } = -1;

    /// <summary>
    /// Gives the grain a cancellation token of its own in place of the caller's, which is cancelled in the grain's turn.
    /// </summary>
    public void LinkCancellation()
    {
        if (method.CancellationTokenIndex is not (>= 0 and var index))
        {
            return;
        }

        var callers = (CancellationToken)arguments[index]!;
        _cancellation = new CancellationTokenSource();
        arguments[index] = _cancellation.Token;
        if (callers.CanBeCanceled)
        {
            _callerCancelled = callers.UnsafeRegister(
                static (state, token) =>
                {
                    var self = (GrainRequest)state!;
                    self.TryFail(new OperationCanceledException(token));
                    self.CancelCallee();
                },
                this);
        }
    }

    public override async Task RunAsync(Activation activation)
    {
        _activation = activation;
        await InvokeAsync(activation.GrainInstance!, activation, activation.Class.FiltersFor(activation.GrainInstance!));
    }

    /// <summary>Runs the method on a grain or an observer and answers the caller. Does not throw.</summary>
    public async Task InvokeAsync(object instance, IGrainContext context, IIncomingGrainCallFilter[] filters)
    {
        try
        {
            RequestContext.Current = _context;
            object? result;
            if (filters.Length == 0)
            {
                var task = method.Invoke(instance, arguments);
                await task;
                result = method.ReadResult(task);
            }
            else
            {
                var call = new IncomingCall(this, instance, context, filters);
                await call.Invoke();
                result = call.Result;
            }

            TryComplete(method.CopyResult(result));
        }
        catch (Exception exception)
        {
            if (response is null)
            {
                Log.OneWayFailed(silo.Logger, exception, ToString());
            }

            TryFail(silo.Exceptions.ForCaller(exception));
        }
    }

    public override void OnActivationEnded(Activation activation, Exception? failure)
    {
        if (failure is not null)
        {
            TryFail(silo.Exceptions.ForCaller(failure));
        }
        else if (++_forwards > MaxForwards)
        {
            TryFail(new OrleansMessageRejectionException($"{target} ended {_forwards} times before it could handle {this}."));
        }
        else
        {
            silo.Deliver(this);
        }
    }

    /// <summary>Answers the caller. The first answer counts.</summary>
    public void TryComplete(object? result)
    {
        if (End())
        {
            response?.SetResult(result);
        }
    }

    /// <inheritdoc cref="TryComplete"/>
    public bool TryFail(Exception exception)
    {
        if (!End())
        {
            return false;
        }

        response?.SetException(exception);
        return true;
    }

    /// <summary>Called by <see cref="PendingCalls"/> when the caller has waited long enough.</summary>
    public void TimeOut(TimeSpan timeout)
    {
        var exception = new TimeoutException($"Response did not arrive on time in {timeout} for message: {this}. ");
        if (TryFail(exception))
        {
            Log.TimedOut(silo.Logger, timeout, ToString());
            CancelCallee();
        }
    }

    public override string ToString() =>
        $"Request [{(source is null ? "client" : source.GrainId.ForLog())} {target.ForLog()}] {GetActivityName()}()";

    int IInvokable.GetArgumentCount() => arguments.Length;

    object? IInvokable.GetArgument(int index) => arguments[index];

    void IInvokable.SetArgument(int index, object value) => arguments[index] = value;

    string IInvokable.GetMethodName() => method.Method.Name;

    string IInvokable.GetInterfaceName() => method.InterfaceType.FullName!;

    MethodInfo IInvokable.GetMethod() => method.Method;

    Type IInvokable.GetInterfaceType() => method.InterfaceType;

    TimeSpan? IInvokable.GetDefaultResponseTimeout() => method.ResponseTimeout;

    public string GetActivityName() => method.ActivityName;

    private bool End()
    {
        if (Interlocked.Exchange(ref _completed, 1) != 0)
        {
            return false;
        }

        if (PendingShard >= 0)
        {
            silo.Pending.Remove(this);
        }

        _callerCancelled.Unregister();
        return true;
    }

    private void CancelCallee()
    {
        if (_cancellation is not { } cancellation)
        {
            return;
        }

        if (_activation is { } activation)
        {
            activation.Post(cancellation.Cancel);
        }
        else
        {
            cancellation.Cancel();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Response did not arrive on time in {Timeout} for message: {Request}. About to break its promise.")]
        public static partial void TimedOut(ILogger logger, TimeSpan timeout, string request);

        [LoggerMessage(Level = LogLevel.Warning, Message = "A one-way call failed: {Request}")]
        public static partial void OneWayFailed(ILogger logger, Exception exception, string request);
    }
}
