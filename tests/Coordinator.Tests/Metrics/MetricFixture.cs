using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Metrics;
using Fleet.Coordinator.Storage;
using Fleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Coordinator.Tests.Metrics;

/// <summary>The real metric store over real files, with a clock that a test moves.</summary>
internal sealed class MetricFixture : IAsyncDisposable
{
    private readonly bool _ownsState;

    public MetricFixture(string? state = null, FakeTimeProvider? clock = null, MetricBudget? budget = null)
    {
        _ownsState = state is null;
        State = state ?? Directory.CreateTempSubdirectory("fleet-metrics-").FullName;
        Clock = clock ?? new FakeTimeProvider();
        Store = FleetStore.Open(new SqliteEngine(Path.Combine(State, "fleet.db")), SchemaMigrations.All, Clock, NullLogger.Instance);
        Metrics = new MetricStore(
            budget ?? new MetricBudget(),
            new MetricEvents(Store, NullLogger<MetricEvents>.Instance),
            Clock,
            NullLogger<MetricStore>.Instance);
        Rollups = RollupStore.Open(new SqliteEngine(Path.Combine(State, StoreEngines.MetricsFileName), isDurable: false), Clock, NullLogger.Instance);
        Writer = new RollupWriter(
            Metrics,
            Rollups,
            new TrustedClock(Store, new TrustedTime(Store, Clock), Clock, NullLogger<TrustedClock>.Instance),
            new LiveOptions(new ReloadableOptions()),
            Clock,
            NullLogger<RollupWriter>.Instance);
        Queries = new MetricQueries(Store, Metrics, Rollups, Clock);
    }

    public string State { get; }

    public FakeTimeProvider Clock { get; }

    public FleetStore Store { get; }

    public MetricStore Metrics { get; }

    public RollupStore Rollups { get; }

    public RollupWriter Writer { get; }

    public MetricQueries Queries { get; }

    /// <summary>Puts a host into the store.</summary>
    public Task AddHostAsync(string hostId, string name) => Store.WriteAsync(transaction => HostStore.Enrol(
        transaction,
        new NewHost(hostId, name, new Dictionary<string, string>(), null, transaction.Now.AddDays(90), "192.0.2.1")));

    /// <summary>Stops as the coordinator does, what is left is written.</summary>
    public async Task StopAsync()
    {
        await Writer.StopAsync(CancellationToken.None);
        Writer.Dispose();
        Rollups.Dispose();
        await Store.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_ownsState)
        {
            Directory.Delete(State, recursive: true);
        }
    }
}
