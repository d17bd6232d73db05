using Fleet.Agent.Configuration;
using Fleet.Agent.Timing;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics;

/// <summary>
/// Runs every collector at an interval, one after the other: what they read is there at once, or comes from another thread. What is
/// ready after a second goes out then; slower ones follow by themselves, and one that runs out of its time is reported and not
/// started again before it has returned.
/// </summary>
internal sealed class MetricsLoop(
    IReadOnlyList<ICollector> collectors, SeriesTable table, Func<AgentOptions> options, Action<Collection> sink, SharedTimer timer)
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstBatchAfter = TimeSpan.FromSeconds(1);

    /// <summary>Pulsed when a collector has returned, and when the interval may have changed.</summary>
    private readonly WakeUp _wakeUp = new(timer);
    private readonly List<CollectorSlot> _slots = [.. collectors.Select(c => new CollectorSlot(c, new MetricWriter(table), timer.Time))];
    private readonly List<CollectorSlot> _pending = [];
    private readonly List<uint> _numbers = [];
    private readonly List<double> _values = [];
    private TimeSpan? _wantedInterval;

    private TimeSpan Interval => options().MetricsInterval ?? _wantedInterval ?? DefaultInterval;

    /// <summary>As Welcome.metrics_interval says; agent.yaml wins.</summary>
    public void SetInterval(TimeSpan interval)
    {
        _wantedInterval = interval < TimeSpan.FromSeconds(1) ? null : interval;
        ReconsiderInterval();
    }

    /// <summary>The options have changed: the next round comes when the new interval says so, not the old one.</summary>
    public void ReconsiderInterval() => _wakeUp.Pulse();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = timer.Time.GetTimestamp();
            await CollectAsync(Interval, cancellationToken);
            await RestAsync(started, cancellationToken);
        }
    }

    /// <summary>One round, no longer than <paramref name="longest"/>. One at a time.</summary>
    public async Task CollectAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var at = timer.Time.GetUtcNow();
        var started = timer.Time.GetTimestamp();
        List<CollectorFailure> failures = [];
        Start(failures, cancellationToken);
        var firstBatchAfter = FirstBatchAfter < longest ? FirstBatchAfter : longest;
        while (_pending.Exists(s => !s.HasReturned)
            && firstBatchAfter - timer.Time.GetElapsedTime(started) is var rest
            && rest > TimeSpan.Zero)
        {
            await _wakeUp.WaitAsync(rest, TimeSpan.Zero, cancellationToken);
        }

        Send(at, failures);
        while (_pending.Count > 0)
        {
            var elapsed = timer.Time.GetElapsedTime(started);
            foreach (var late in _pending.Where(s => elapsed >= s.Timeout || elapsed >= longest).ToList())
            {
                failures.Add(late.Fails($"did not return within {(late.Timeout < longest ? late.Timeout : longest).TotalSeconds:0.#} s"));
                late.EndIfLate();
                _pending.Remove(late);
            }

            if (_pending.Count > 0)
            {
                var next = _pending.Min(s => s.Timeout);
                await _wakeUp.WaitAsync((next < longest ? next : longest) - elapsed, TimeSpan.Zero, cancellationToken);
            }

            Send(at, failures);
        }
    }

    private void Start(List<CollectorFailure> failures, CancellationToken cancellationToken)
    {
        var configured = options().Collectors;
        _pending.Clear();
        foreach (var slot in _slots)
        {
            if (configured.TryGetValue(slot.Collector.Name, out var own) && !own.Enabled)
            {
                continue;
            }

            if (!slot.HasReturned)
            {
                slot.EndIfLate();
                failures.Add(slot.Fails("has not returned since an earlier round"));
                continue;
            }

            slot.Prepare(own?.Timeout ?? slot.Collector.DefaultTimeout, cancellationToken);
            _pending.Add(slot);
        }

        foreach (var slot in _pending)
        {
            slot.Start(_wakeUp.Pulse);
        }
    }

    /// <summary>Until the interval, as it is by then, has passed since the round's start.</summary>
    private async Task RestAsync(long started, CancellationToken cancellationToken)
    {
        while (Interval - timer.Time.GetElapsedTime(started) is var rest && rest > TimeSpan.Zero)
        {
            await _wakeUp.WaitAsync(rest, TimeSpan.Zero, cancellationToken);
        }
    }

    /// <summary>Sends what has returned, and takes it off the list.</summary>
    private void Send(DateTimeOffset at, List<CollectorFailure> failures)
    {
        for (var i = 0; i < _pending.Count; i++)
        {
            var slot = _pending[i];
            if (!slot.HasReturned)
            {
                continue;
            }

            _pending.RemoveAt(i--);
            _numbers.AddRange(slot.Writer.Numbers);
            _values.AddRange(slot.Writer.Values);
            if (slot.Failure is { } message)
            {
                failures.Add(slot.Fails(message));
            }
        }

        if (_numbers.Count > 0 || failures.Count > 0)
        {
            sink(new Collection(at, [.. _numbers], [.. _values], [.. failures]));
            _numbers.Clear();
            _values.Clear();
            failures.Clear();
        }
    }
}
