using Fleet.Agent.Configuration;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics;

/// <summary>
/// Runs every collector at an interval. What is ready after a second goes out then; slower ones follow by themselves, and one
/// that runs out of its time is reported and not started again before it has returned.
/// </summary>
internal sealed class MetricsLoop(
    IReadOnlyList<ICollector> collectors, SeriesTable table, Func<AgentOptions> options, Action<Collection> sink, TimeProvider time)
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstBatchAfter = TimeSpan.FromSeconds(1);

    private readonly List<Slot> _slots = [.. collectors.Select(c => new Slot(c, new MetricWriter(table)))];
    private TimeSpan? _wantedInterval;
    private TaskCompletionSource _intervalChanged = NewSignal();

    private TimeSpan Interval => options().MetricsInterval ?? _wantedInterval ?? DefaultInterval;

    /// <summary>As Welcome.metrics_interval says; agent.yaml wins.</summary>
    public void SetInterval(TimeSpan interval)
    {
        _wantedInterval = interval < TimeSpan.FromSeconds(1) ? null : interval;
        ReconsiderInterval();
    }

    /// <summary>The options have changed: the next round comes when the new interval says so, not the old one.</summary>
    public void ReconsiderInterval() => Interlocked.Exchange(ref _intervalChanged, NewSignal()).TrySetResult();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            await CollectAsync(Interval, cancellationToken);
            await RestAsync(started, cancellationToken);
        }
    }

    /// <summary>One round, no longer than <paramref name="longest"/>.</summary>
    public async Task CollectAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var configured = options().Collectors;
        var at = time.GetUtcNow();
        List<CollectorFailure> failures = [];
        List<Slot> pending = [];
        foreach (var slot in _slots)
        {
            if (configured.TryGetValue(slot.Collector.Name, out var own) && !own.Enabled)
            {
                continue;
            }

            if (slot.Running is { IsCompleted: false })
            {
                failures.Add(Failure(slot, "has not returned since an earlier round"));
                continue;
            }

            slot.Start(own?.Timeout ?? slot.Collector.DefaultTimeout, time, cancellationToken);
            pending.Add(slot);
        }

        var started = time.GetTimestamp();
        await WaitAsync(pending, FirstBatchAfter < longest ? FirstBatchAfter : longest, all: true, cancellationToken);
        Send(at, pending, failures);
        while (pending.Count > 0)
        {
            var elapsed = time.GetElapsedTime(started);
            foreach (var late in pending.Where(s => elapsed >= s.Timeout || elapsed >= longest).ToList())
            {
                failures.Add(Failure(late, $"did not return within {(late.Timeout < longest ? late.Timeout : longest).TotalSeconds:0.#} s"));
                pending.Remove(late);
            }

            if (pending.Count > 0)
            {
                var next = pending.Min(s => s.Timeout);
                await WaitAsync(pending, (next < longest ? next : longest) - elapsed + TimeSpan.FromMilliseconds(1), all: false, cancellationToken);
            }

            Send(at, pending, failures);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CollectorFailure Failure(Slot slot, string message) => new() { Collector = slot.Collector.Name, Message = LogText.Escape(message) };

    /// <summary>Until the interval, as it is by then, has passed since the round's start.</summary>
    private async Task RestAsync(long started, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Asked for before looking, so that no change in between is missed.
            var changed = Volatile.Read(ref _intervalChanged).Task;
            var rest = Interval - time.GetElapsedTime(started);
            if (rest <= TimeSpan.Zero)
            {
                return;
            }

            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(Task.Delay(rest, time, enough.Token), changed);
            await enough.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Waits for all, or for one more, but no longer than that.</summary>
    private async Task WaitAsync(List<Slot> pending, TimeSpan longest, bool all, CancellationToken cancellationToken)
    {
        if (pending.Count == 0)
        {
            return;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pause = Task.Delay(longest, time, enough.Token);
        var running = pending.Select(s => s.Running!);
        await Task.WhenAny(all ? Task.WhenAll(running) : Task.WhenAny(running), pause);
        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Sends what has returned, and takes it off the list.</summary>
    private void Send(DateTimeOffset at, List<Slot> pending, List<CollectorFailure> failures)
    {
        List<uint> numbers = [];
        List<double> values = [];
        foreach (var slot in pending.Where(s => s.Running!.IsCompleted).ToList())
        {
            pending.Remove(slot);
            numbers.AddRange(slot.Writer.Numbers);
            values.AddRange(slot.Writer.Values);
            if (slot.Failure is { } message)
            {
                failures.Add(Failure(slot, message));
            }
        }

        if (numbers.Count > 0 || failures.Count > 0)
        {
            sink(new Collection(at, [.. numbers], [.. values], [.. failures]));
            failures.Clear();
        }
    }

    private sealed class Slot(ICollector collector, MetricWriter writer)
    {
        public ICollector Collector => collector;

        public MetricWriter Writer => writer;

        public TimeSpan Timeout { get; private set; }

        public Task? Running { get; private set; }

        public string? Failure { get; private set; }

        public void Start(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
        {
            (Timeout, Failure) = (timeout, null);
            writer.Clear();
            Running = Task.Run(() => CollectAsync(time, cancellationToken), CancellationToken.None);
        }

        private async Task CollectAsync(TimeProvider time, CancellationToken cancellationToken)
        {
            using var deadline = new CancellationTokenSource(Timeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                await collector.CollectAsync(writer, linked.Token);
            }
            catch (OperationCanceledException) when (linked.IsCancellationRequested)
            {
                Failure = $"did not return within {Timeout.TotalSeconds:0.#} s";
            }
            catch (Exception e)
            {
                // Whatever it is, it is this collector's alone.
                Failure = e.Message;
            }
        }
    }
}
