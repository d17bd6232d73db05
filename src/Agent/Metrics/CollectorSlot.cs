using System.Diagnostics.CodeAnalysis;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics;

/// <summary>One collector and its call of this round, or of an earlier one that has not returned.</summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "Without a timer the source holds nothing, and a call that has not returned may still look at it.")]
internal sealed class CollectorSlot(ICollector collector, MetricWriter writer, TimeProvider time)
{
    private CancellationTokenSource _ending = new();
    private CancellationTokenRegistration _outer;
    private long _startedAt;
    private bool _late;
    private volatile bool _hasReturned = true;

    public ICollector Collector => collector;

    public MetricWriter Writer => writer;

    public TimeSpan Timeout { get; private set; }

    /// <summary>What the call ended with. Null if all is well.</summary>
    public string? Failure { get; private set; }

    /// <summary>No call is on its way: <see cref="Writer"/> and <see cref="Failure"/> hold what the last one left.</summary>
    public bool HasReturned => _hasReturned;

    public CollectorFailure Fails(string message) => new() { Collector = collector.Name, Message = LogText.Escape(message) };

    /// <summary>Before any collector of a round is called.</summary>
    public void Prepare(TimeSpan timeout, CancellationToken cancellationToken)
    {
        (Timeout, Failure, _late, _hasReturned, _startedAt) = (timeout, null, false, false, time.GetTimestamp());
        writer.Clear();
        if (_ending.IsCancellationRequested)
        {
            _ending.Dispose();
            _ending = new CancellationTokenSource();
        }

        _outer = cancellationToken.UnsafeRegister(static ending => ((CancellationTokenSource)ending!).Cancel(), _ending);
        try
        {
            collector.Prepare();
        }
        catch (Exception e)
        {
            Failure = e.Message;
        }
    }

    /// <param name="returned">Called when the call has returned, maybe before this does.</param>
    public void Start(System.Action returned)
    {
        if (Failure is null)
        {
            _ = CollectAsync(returned);
        }
        else
        {
            _outer.Dispose();
            _hasReturned = true;
        }
    }

    /// <summary>
    /// Asks a call to end whose time is up. The loop looks for that when it comes round: a timer for each collector would wake the
    /// host ten times for what nearly never happens.
    /// </summary>
    public void EndIfLate()
    {
        if (!_hasReturned && time.GetElapsedTime(_startedAt) >= Timeout)
        {
            _late = true;
            _ending.Cancel();
        }
    }

    private async Task CollectAsync(System.Action returned)
    {
        var collecting = true;
        try
        {
            var call = collector.CollectAsync(writer, _ending.Token);
            collecting = !call.IsCompleted;
            await call;
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            Failure = _late ? $"did not return within {Timeout.TotalSeconds:0.#} s" : "the agent is stopping";
        }
        catch (Exception e)
        {
            // Whatever it is, it is this collector's alone.
            Failure = e.Message;
        }

        await _outer.DisposeAsync();
        _hasReturned = true;
        if (collecting)
        {
            returned();
        }
    }
}
