using Fleet.Coordinator.Hosting;
using Fleet.Coordinator.Storage;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Coordinator.Tests.Storage;

/// <summary>A large store: of it only a part is read before it is used. It is large here because the bound is put to nothing.</summary>
public sealed class StoreCheckTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fleet-store-check-").FullName;

    private string File => Path.Combine(_directory, "fleet.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Sound_OpensInPart_AndTheWholeIsFoundSound()
    {
        await FillAsync();
        await using var store = Open();

        Assert.False(store.IsCheckedWhole);
        StoreCheck.Whole(File, TestContext.Current.CancellationToken);
        Assert.False(System.IO.File.Exists(StoreCheck.MarkOf(File)));
    }

    [Fact]
    public async Task DamagedHistory_OpensInPart_IsFoundByTheWhole_AndRefusedFromThenOn()
    {
        await FillAsync();
        DamageHistory();
        await using (var store = Open())
        {
            Assert.Contains(
                "is damaged",
                Assert.Throws<StoreException>(() => StoreCheck.Whole(File, CancellationToken.None)).Message,
                StringComparison.Ordinal);
        }

        Assert.Contains("restore", Assert.Throws<StoreException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suspect_ReplacedByASoundFile_IsReadWholeAndUsed()
    {
        await FillAsync();
        await System.IO.File.WriteAllTextAsync(StoreCheck.MarkOf(File), "damage", TestContext.Current.CancellationToken);

        await using (var store = Open())
        {
            Assert.True(store.IsCheckedWhole);
        }

        await using var again = Open();
        Assert.False(again.IsCheckedWhole);
    }

    [Fact]
    public void Whole_IsCancelled_MarksNothing()
    {
        using (SqliteDatabase.OpenForWriting(File, SchemaMigrations.All, wholeBytes: 0).Connection)
        {
        }

        Assert.ThrowsAny<OperationCanceledException>(() => StoreCheck.Whole(File, new CancellationToken(canceled: true)));
        Assert.False(System.IO.File.Exists(StoreCheck.MarkOf(File)));
    }

    [Fact]
    public async Task DamagedHistory_EndsTheCoordinator_AndAnEventTells()
    {
        await FillAsync();
        DamageHistory();
        await using var coordinator = await TestCoordinator.StartAsync(directory: _directory, build: builder =>
            builder.Services.AddSingleton(services =>
                FleetStore.Open(
                    new SqliteEngine(services.GetRequiredService<StateDirectory>().FilePath(SqliteDatabase.FileName), wholeBytes: 0),
                    TimeProvider.System,
                    NullLogger.Instance)));
        var stopping = new TaskCompletionSource();
        coordinator.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);

        await stopping.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        Assert.Contains("is damaged", coordinator.Services.GetRequiredService<StoreInspection>().Damage!.Message, StringComparison.Ordinal);
        Assert.Equal(
            1,
            await coordinator.Store.ReadAsync(reader =>
                reader.Number("SELECT count(*) FROM events WHERE type = 'coordinator.store_damaged'")));
    }

    private FleetStore Open() => FleetStore.Open(
        new SqliteEngine(File, wholeBytes: 0), TimeProvider.System, NullLogger.Instance);

    private async Task FillAsync()
    {
        await using var store = Open();
        await store.WriteAsync(transaction =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                transaction.Execute(
                    "INSERT INTO audit (at, who, from_address, what, subject, outcome, detail) VALUES ($at, 'x', '', '', '', '', $text)",
                    ("$at", TimeProvider.System.GetUtcNow().ToColumn()),
                    ("$text", new string('x', 200)));
            }
        });
    }

    /// <summary>In the middle of what was added last.</summary>
    private void DamageHistory()
    {
        using var file = new FileStream(File, FileMode.Open);
        file.Position = file.Length / 2 / 4096 * 4096;
        file.Write(Enumerable.Repeat((byte)0x5A, 20_000).ToArray());
    }
}
