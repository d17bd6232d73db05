using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Fleet.Testing.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Fleet.Coordinator.Tests.Storage;

/// <summary>The store on a real PostgreSQL: who owns it, what is refused, and what happens when the server goes away.</summary>
public sealed class PostgresStoreTests : IDisposable
{
    private readonly string _database = $"store_{Guid.NewGuid():N}";

    public PostgresStoreTests() => Server.Create(_database);

    private static PostgresServer Server => PostgresServer.Shared;

    public void Dispose() => Server.Drop(_database);

    [Fact]
    public async Task Open_EachOlderSchema_IsBroughtToTheNewest()
    {
        for (var version = 1; version <= SchemaMigrations.All.Count; version++)
        {
            await using var store = Open([.. SchemaMigrations.All.Take(version)]);
            Assert.Equal(version - 1, store.FoundSchema);
        }

        await using var newest = Open();
        Assert.Equal(SchemaMigrations.All.Count, newest.FoundSchema);
        Assert.Equal(0, await newest.ReadAsync(static reader => reader.Number("SELECT count(*) FROM events")));
    }

    [Fact]
    public async Task Open_NewerSchema_IsRefusedAndUntouched()
    {
        await using (Open())
        {
        }

        Server.Sql(_database, "UPDATE schema_versions SET version = 99 WHERE purpose = 'fleet'");

        Assert.Contains("schema 99", Assert.Throws<StoreException>(() => Open()).Message, StringComparison.Ordinal);
        Assert.Contains(
            "schema 99",
            Assert.Throws<StoreException>(() => PostgresEngine.Check(Server.ConnectionTo(_database))).Message,
            StringComparison.Ordinal);
        Assert.Equal("99", Server.Sql(_database, "SELECT version FROM schema_versions WHERE purpose = 'fleet'").Trim());
    }

    [Fact]
    public void Open_ReadOnlyDatabase_SaysSo()
    {
        Server.Sql(_database, $"ALTER DATABASE {_database} SET default_transaction_read_only = on");

        Assert.Contains("is read-only", Assert.Throws<StoreException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("right", true)]
    [InlineData("wrong", false)]
    public void Check_Password_IsProvedAndNeverShown(string password, bool isRight)
    {
        Server.CreateLogin("right");
        var connection = new NpgsqlConnectionStringBuilder(Server.ConnectionTo(_database)) { Username = PostgresServer.Login, Password = password };

        if (isRight)
        {
            Assert.Contains(
                $"schema 0 of {SchemaMigrations.All.Count}", PostgresEngine.Check(connection.ConnectionString), StringComparison.Ordinal);
            return;
        }

        var error = Assert.Throws<StoreException>(() => PostgresEngine.Check(connection.ConnectionString));

        Assert.Contains("refuses the user fleet_login", error.Message, StringComparison.Ordinal);
        Assert.Contains("password_file", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoSuchDatabase_SaysWhere()
    {
        var error = Assert.Throws<StoreException>(() => Open(database: "nowhere"));

        Assert.Contains("nowhere on ", error.Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoServer_SaysWhere()
    {
        var engines = StoreEngines.Postgres("Host=/nowhere;Username=fleet;Database=fleet", static _ => { });

        var error = Assert.Throws<StoreException>(() => FleetStore.Open(engines.Fleet, TimeProvider.System, NullLogger.Instance));

        Assert.Contains("fleet on /nowhere cannot be opened", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_CommandThatFails_LeavesNothingAndNoGap()
    {
        await using var store = Open();
        var writes = Enumerable.Range(0, 60).Select(i => store.WriteAsync(transaction =>
        {
            Append(transaction, i);
            if (i % 3 == 0)
            {
                transaction.Execute("INSERT INTO hosts (host_id) VALUES (NULL)");
            }
        })).ToList();
        foreach (var (i, write) in writes.Index())
        {
            if (i % 3 == 0)
            {
                await Assert.ThrowsAsync<PostgresException>(() => write);
            }
            else
            {
                await write;
            }
        }

        Assert.Equal(40, store.LastEventSequence);
        AssertGapless(40);
    }

    [Fact]
    public async Task Open_WhileAnotherOwnsIt_WaitsAndSaysForWhom()
    {
        var first = Open();
        var holders = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = Task.Run(() => Open(waits: holder => holders.TrySetResult(holder)), TestContext.Current.CancellationToken);

        await first.WriteAsync(static transaction => Append(transaction, 1));
        Assert.Contains(
            Environment.MachineName,
            await holders.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken),
            StringComparison.Ordinal);

        // Nothing is written, and the lease goes on: the second one comes back to look several times.
        var ends = Lease();
        await Eventually.GetAsync(() => Task.FromResult(Lease()), now => string.CompareOrdinal(now, ends) > 0, "a lease that is extended");
        Assert.False(second.IsCompleted);

        // It ends in order: the lease ends with it.
        await first.DisposeAsync();
        await using var successor = await second.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        Assert.Equal(1, successor.LastEventSequence);
    }

    [Fact]
    public async Task Write_ByAnOwnerThatWasReplaced_StoresNothingAndTellsIt()
    {
        await using var first = Open();
        await first.WriteAsync(static transaction => Append(transaction, 1));

        // As after a hang: its lease ended, and another coordinator took the database.
        Server.Sql(_database, "UPDATE coordinator_lease SET ends_at = '-infinity'");
        await using var second = Open();
        await second.WriteAsync(static transaction => Append(transaction, 2));

        var refusal = await Assert.ThrowsAsync<StoreException>(() => first.WriteAsync(static transaction => Append(transaction, 3)));

        Assert.Contains("another coordinator has taken over", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("another coordinator", (await first.OwnerLost).Message, StringComparison.Ordinal);
        await second.WriteAsync(static transaction => Append(transaction, 4));
        Assert.Equal("1 2 4", Server.Sql(_database, "SELECT string_agg(message, ' ' ORDER BY sequence) FROM events").Trim());
        AssertGapless(3);
    }

    [Fact]
    public async Task Write_AfterItsConnectionWasEnded_WorksAgain()
    {
        await using var store = Open();
        await store.WriteAsync(static transaction => Append(transaction, 1));
        EndConnections();

        // The one that finds out fails: whether it was stored is not known before the next connection.
        await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync(static transaction => Append(transaction, 2)));
        await store.WriteAsync(static transaction => Append(transaction, 3));
        await Assert.ThrowsAnyAsync<Exception>(() => store.WriteAsync(static _ => throw new InvalidOperationException("no")));
        await store.WriteAsync(static transaction => Append(transaction, 4));

        Assert.Equal("1 3 4", Server.Sql(_database, "SELECT string_agg(message, ' ' ORDER BY sequence) FROM events").Trim());
        AssertGapless(3);
        Assert.Equal(3, store.LastEventSequence);
    }

    [Fact]
    public async Task Write_AfterItsConnectionWasEnded_AndAnotherOwnerCame_StoresNothing()
    {
        await using var store = Open();
        Server.Sql(_database, "UPDATE coordinator_lease SET epoch = epoch + 1");
        EndConnections();

        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync(static transaction => Append(transaction, 1)));
        }

        Assert.Contains(
            "another coordinator",
            (await store.OwnerLost.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken)).Message,
            StringComparison.Ordinal);
        Assert.Equal("0", Server.Sql(_database, "SELECT count(*) FROM events").Trim());
    }

    [Fact]
    public async Task Write_WhileTheServerRestarts_LosesNothingThatWasAcknowledged()
    {
        using var server = new PostgresServer();
        server.Create("fleet");
        await using var store = FleetStore.Open(
            StoreEngines.Postgres(server.ConnectionTo("fleet"), static _ => { }).Fleet, TimeProvider.System, NullLogger.Instance);
        var acknowledged = new List<int>();
        using var enough = new CancellationTokenSource();
        var writer = Task.Run(
            async () =>
            {
                for (var i = 0; !enough.IsCancellationRequested; i++)
                {
                    try
                    {
                        var number = i;
                        await store.WriteAsync(transaction => Append(transaction, number));
                        acknowledged.Add(number);
                    }
                    catch (StoreException)
                    {
                        // Not acknowledged: its sender would send it again.
                    }
                }
            },
            TestContext.Current.CancellationToken);

        for (var round = 0; round < 3; round++)
        {
            var before = store.LastEventSequence;
            await Eventually.GetAsync(
                () => Task.FromResult(store.LastEventSequence), head => head > before + 20, "events before the server ends");
            server.Stop("immediate");
            server.Start();
        }

        var last = store.LastEventSequence;
        await Eventually.GetAsync(() => Task.FromResult(store.LastEventSequence), head => head > last + 20, "events after it is back");
        await enough.CancelAsync();
        await writer;

        var stored = server.Sql("fleet", "SELECT message FROM events").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(int.Parse).ToHashSet();
        Assert.Empty(acknowledged.Except(stored));
        Assert.Equal("0", server.Sql("fleet", "SELECT max(sequence) - count(*) FROM events").Trim());
        Assert.Equal(store.LastEventSequence, stored.Count);
    }

    private static void Append(StoreTransaction transaction, int number) => EventAppender.Append(
        transaction,
        new NewEvent("test.one", EventSeverity.Info, number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public async Task Read_AfterItsConnectionWasEnded_TakesANewOne()
    {
        await using var store = Open();
        await store.ReadAsync(static reader => reader.Number("SELECT count(*) FROM events"));
        EndConnections();

        Assert.Equal(0, await store.ReadAsync(static reader => reader.Number("SELECT count(*) FROM events")));
        await Assert.ThrowsAsync<PostgresException>(() => store.ReadAsync(static reader => reader.Number("SELECT 1 / 0")));
        Assert.Equal(0, await store.ReadAsync(static reader => reader.Number("SELECT count(*) FROM events")));
    }

    [Fact]
    public async Task Write_InADatabaseThatTakesNoTransaction_FailsAndEnds()
    {
        await using (var store = Open())
        {
            Server.Sql(_database, "ALTER TABLE coordinator_lease RENAME TO lost");

            await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync(static transaction => Append(transaction, 1)));

            Server.Sql(_database, "ALTER TABLE lost RENAME TO coordinator_lease");
            await store.WriteAsync(static transaction => Append(transaction, 2));
        }

        AssertGapless(1);
    }

    [Fact]
    public async Task Write_TextThatPostgresDoesNotHave_IsStoredAsSqliteStoresIt()
    {
        await using var store = Open();
        await store.WriteAsync(static transaction => transaction.Execute(
            "INSERT INTO policies (name, spec_proto, revision, created_at, updated_at, updated_by) VALUES ($name, $spec, 1, 1, 1, '')",
            ("$name", "a\0b\uD83Dc"),
            ("$spec", Array.Empty<byte>())));

        Assert.Equal(
            "a\uFFFDb\uFFFDc",
            await store.ReadAsync(static reader => reader.First("SELECT name FROM policies", static row => row.GetString(0))));
    }

    private string Lease() => Server.Sql(_database, "SELECT to_char(ends_at, 'YYYY-MM-DD HH24:MI:SS.US') FROM coordinator_lease");

    private void EndConnections() => Server.Sql(
        _database,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

    private void AssertGapless(int count) =>
        Assert.Equal($"{count}|{count}", Server.Sql(_database, "SELECT count(*), max(sequence) FROM events").Trim());

    private FleetStore Open(
        IReadOnlyList<IMigration>? migrations = null, string? database = null, Action<string>? waits = null) => FleetStore.Open(
        StoreEngines.Postgres(Server.ConnectionTo(database ?? _database) + ";Keepalive=0", waits ?? (static _ => { })).Fleet,
        migrations ?? SchemaMigrations.All,
        TimeProvider.System,
        NullLogger.Instance);
}
