using Fleet.Coordinator.Storage;
using Fleet.Coordinator.Tests.Metrics;
using Fleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Coordinator.Tests.Storage;

public sealed class BackgroundWriteTests
{
    [Fact]
    public async Task WriteInBackground_BehindALongQueue_LetsWhatComesLaterGoFirst()
    {
        await using var fixture = new MetricFixture();
        var order = new List<string>();
        using var go = new ManualResetEventSlim();
        var first = fixture.Store.WriteAsync(_ => go.Wait());
        var background = fixture.Store.WriteInBackgroundAsync(_ => Add(order, "background"));
        var result = fixture.Store.WriteAsync(_ => Add(order, "result"));
        go.Set();

        await Task.WhenAll(first, background, result);

        Assert.Equal(["result", "background"], order);
    }

    [Fact]
    public async Task WriteInBackground_WhileOthersNeverStop_StillGetsItsTurn()
    {
        // By a clock that goes on.
        var directory = Directory.CreateTempSubdirectory("fleet-store-");
        await using var store = FleetStore.Open(
            new SqliteEngine(Path.Combine(directory.FullName, "fleet.db")), SchemaMigrations.All, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var busy = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await store.WriteAsync(static transaction => transaction.Number("SELECT 1"));
            }
        })).ToList();

        for (var i = 0; i < 5; i++)
        {
            await store.WriteInBackgroundAsync(static transaction => transaction.Number("SELECT 1")).WaitAsync(Eventually.Limit);
        }

        await stop.CancelAsync();
        await Task.WhenAll(busy);
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Dispose_WithWorkInTheBackground_DoesItFirst()
    {
        var fixture = new MetricFixture();
        var writes = Enumerable
            .Range(0, 20)
            .Select(_ => fixture.Store.WriteInBackgroundAsync(static transaction => transaction.Number("SELECT 1")))
            .ToList();

        await fixture.DisposeAsync();

        await Task.WhenAll(writes).WaitAsync(Eventually.Limit);
    }

    private static bool Add(List<string> order, string what)
    {
        order.Add(what);
        return true;
    }
}
