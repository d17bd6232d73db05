using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Metrics;

/// <summary>Values that are read on demand instead of counted: sessions, runs by state, the process itself.</summary>
internal sealed partial class FleetGauges : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly FleetStore _store;
    private readonly MetricStore _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly Process _process = Process.GetCurrentProcess();
    private Numbers _numbers = new(0, 0, [], [], 0, 0);
    private long _refreshedAt;

    public FleetGauges(FleetStore store, MetricStore metrics, TimeProvider clock, ILogger<FleetGauges> log)
    {
        _store = store;
        _metrics = metrics;
        _clock = clock;
        _log = log;
        Meter = new Meter(CoordinatorMeter.Name);
        Meter.CreateObservableGauge("fleet.coordinator.hosts", () => _numbers.Hosts, "{host}", "Hosts that are enrolled.");
        Meter.CreateObservableGauge("fleet.coordinator.sessions", () => _numbers.Sessions, "{session}", "Hosts with an open session.");
        Meter.CreateObservableGauge("fleet.coordinator.runs", () => ByState(_numbers.Open), "{run}", "Runs that have not ended, by state.");
        Meter.CreateObservableGauge(
            "fleet.coordinator.runs_ended_24h",
            () => ByState(_numbers.Ended),
            "{run}",
            "Runs that ended in the last 24 h, by state.");
        Meter.CreateObservableCounter(
            "fleet.coordinator.events", () => _numbers.LastEvent, "{event}", "Events recorded: sequence of the newest one.");
        Meter.CreateObservableGauge("fleet.coordinator.store.size", () => _numbers.StoreBytes, "By", "Size of fleet.db.");
        Meter.CreateObservableGauge(
            "fleet.coordinator.metrics.series", () => metrics.SeriesCount, "{series}", "Series of hosts held in memory.");
        Meter.CreateObservableCounter("process.cpu", CpuSeconds, "s", "CPU time of this process, user and system.");
        Meter.CreateObservableGauge("process.resident_memory", ResidentBytes, "By", "Resident memory of this process.");
        Meter.CreateObservableGauge("process.start_time", StartSeconds, "s", "Start of this process, Unix time.");
        Meter.CreateObservableGauge("process.threads", Threads, "{thread}", "Threads of this process.");
        Meter.CreateObservableGauge("dotnet.gc.heap", static () => GC.GetTotalMemory(false), "By", "Managed heap.");
        Meter.CreateObservableCounter(
            "dotnet.gc.pause.time",
            static () => GC.GetTotalPauseDuration().TotalSeconds,
            "s",
            "Time in pauses of the garbage collector.");
    }

    /// <summary>The tag values of this coordinator.</summary>
    public Meter Meter { get; }

    /// <summary>The store is read again if the numbers are older than this.</summary>
    public async Task RefreshIfOlderAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        if (_refreshedAt != 0 && _clock.GetElapsedTime(_refreshedAt) < age)
        {
            return;
        }

        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var (numbers, removed) = await _store.ReadAsync(Read, cancellationToken);
            _numbers = numbers;
            _refreshedAt = _clock.GetTimestamp();
            foreach (var hostId in removed)
            {
                _metrics.Drop(hostId);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            GaugesFailed(_log, exception);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public override void Dispose()
    {
        Meter.Dispose();
        _process.Dispose();
        _refreshing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        try
        {
            do
            {
                await RefreshIfOlderAsync(Interval / 2, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private (Numbers Numbers, List<string> Removed) Read(StoreReader reader)
    {
        var hosts = HostStore.Count(reader);
        var numbers = new Numbers(
            hosts.All,
            hosts.Connected,
            [.. RunCounts.Open(reader).Select(static pair => (pair.Key, pair.Value))],
            [.. RunCounts.EndedSince(reader, _clock.GetUtcNow() - TimeSpan.FromDays(1)).Select(static pair => (pair.Key, pair.Value))],
            EventStore.Newest(reader),
            reader.SizeBytes());
        var removed = _metrics.Hosts
            .Select(static host => host.HostId)
            .Where(id => !HostStore.IsEnrolled(reader, id))
            .ToList();
        return (numbers, removed);
    }

    private static IEnumerable<Measurement<long>> ByState(IReadOnlyList<(RunState State, long Count)> runs) => runs.Select(static run =>
        new Measurement<long>(run.Count, new KeyValuePair<string, object?>("state", run.State.ToString().ToLowerInvariant())));

    private double CpuSeconds()
    {
        _process.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
    }

    private long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    private int Threads()
    {
        _process.Refresh();
        return _process.Threads.Count;
    }

    private double StartSeconds() => new DateTimeOffset(_process.StartTime).ToUnixTimeMilliseconds() / 1000.0;

    private sealed record Numbers(
        long Hosts,
        long Sessions,
        IReadOnlyList<(RunState State, long Count)> Open,
        IReadOnlyList<(RunState State, long Count)> Ended,
        long LastEvent,
        long StoreBytes);
}
