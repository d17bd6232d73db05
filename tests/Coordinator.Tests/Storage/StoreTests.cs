using Fleet.Coordinator.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Coordinator.Tests.Storage;

public sealed class StoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fleet-store-test-").FullName;

    private string File => Path.Combine(_directory, "fleet.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Open_EachOlderSchema_IsBroughtToTheNewest()
    {
        for (var version = 1; version <= SchemaMigrations.All.Count; version++)
        {
            var path = Path.Combine(_directory, $"v{version}.db");
            await using (Open(path, version))
            {
            }

            await using var store = Open(path, SchemaMigrations.All.Count);

            Assert.Equal(version, store.FoundSchema);
            Assert.Equal(SchemaMigrations.All.Count, await store.ReadAsync(reader => reader.Number("PRAGMA user_version")));
            Assert.Equal(0, await store.ReadAsync(reader => reader.Number("SELECT count(*) FROM events")));
        }
    }

    [Fact]
    public async Task Open_ResultsThatAreThereTwice_AreThereOnceAndNoneIsLost()
    {
        await using (var store = Open(File, 9))
        {
            await store.WriteAsync(transaction =>
            {
                transaction.Execute(
                    """
                    INSERT INTO runs (run_id, policy, policy_revision, host_id, state, trigger, scheduled_at, queued_at, expires_at,
                    action_proto, retry_proto,
                        timeout_ms, expire_after_ms, attempt, result_proto) VALUES ('r', 'p', 1, 'h', 4, 1, 1, 1, 1, x'', x'', 1, 1, 2,
                        x'02')
                    """);
                transaction.Execute(
                    "INSERT INTO run_attempts (run_id, attempt, finished_at, result_proto) VALUES ('r', 1, 5, x'01'), ('r', 2, 6, x'02')");
            });
        }

        await using var now = Open(File, SchemaMigrations.All.Count);

        Assert.Equal(
            ["1 5 01", "2 6 -"],
            await now.ReadAsync(reader => reader.Query(
                "SELECT attempt || ' ' || finished_at || ' ' || CASE WHEN result_proto IS NULL THEN '-' ELSE hex(result_proto) END FROM run_attempts ORDER BY attempt",
                static row => row.GetString(0))));
        Assert.Equal(1, await now.ReadAsync(reader => reader.Number("SELECT count(*) FROM runs WHERE hex(result_proto) = '02'")));
        Assert.Equal(1, await now.WriteAsync(transaction => transaction.Execute("DELETE FROM runs")));
        Assert.Equal(0, await now.ReadAsync(reader => reader.Number("SELECT count(*) FROM run_attempts")));
    }

    [Fact]
    public async Task Open_NewerSchema_IsRefusedAndUntouched()
    {
        await using (var store = Open(File, SchemaMigrations.All.Count))
        {
            await store.WriteAsync(transaction => transaction.Execute("CREATE TABLE of_the_future (x)"));
        }

        Pragma(File, "PRAGMA user_version = 99");

        var error = Assert.Throws<StoreException>(() => Open(File, SchemaMigrations.All.Count));

        Assert.Contains(
            $"made by a newer fleet-coordinator (schema 99, this one knows {SchemaMigrations.All.Count})",
            error.Message,
            StringComparison.Ordinal);
        Assert.Contains("upgrade", error.Message, StringComparison.Ordinal);
        Assert.Throws<StoreException>(() => SqliteDatabase.Check(File));
    }

    [Fact]
    public async Task Open_DamagedFile_SaysWhatToDo()
    {
        await using (var store = Open(File, SchemaMigrations.All.Count))
        {
            await store.WriteAsync(transaction =>
            {
                for (var i = 0; i < 2_000; i++)
                {
                    transaction.Execute(
                        "INSERT INTO events (at, type, severity, message) VALUES (1, 'test.one', 1, $text)",
                        ("$text", new string('x', 200)));
                }
            });
        }

        using (var file = new FileStream(File, FileMode.Open))
        {
            file.Position = file.Length / 2;
            file.Write(Enumerable.Repeat((byte)0x5A, 20_000).ToArray());
        }

        var error = Assert.Throws<StoreException>(() => Open(File, SchemaMigrations.All.Count));

        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
        Assert.Contains("restore", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoDatabaseAtAll_SaysWhatToDo()
    {
        System.IO.File.WriteAllText(File, new string('?', 10_000));

        Assert.Contains(
            "is damaged",
            Assert.Throws<StoreException>(() => Open(File, SchemaMigrations.All.Count)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NewFile_IsTheOwnersAlone()
    {
        await using var store = Open(File, SchemaMigrations.All.Count);
        await store.WriteAsync(transaction => transaction.Execute("DELETE FROM events"));

        foreach (var path in Directory.GetFiles(_directory))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void StateDirectory_HeldByAnother_IsRefused()
    {
        using var first = StateDirectory.Open(_directory);

        var error = Assert.Throws<StoreException>(() => StateDirectory.Open(_directory));

        Assert.Contains("another fleet-coordinator", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OneOfManyFails_OthersStand()
    {
        await using var store = Open(File, SchemaMigrations.All.Count);
        var writes = Enumerable
            .Range(0, 200)
            .Select(i =>
                Record
                    .ExceptionAsync(() =>
                        store.WriteAsync(transaction =>
                        {
                            transaction.Execute(
                                "INSERT INTO requests (request_id, method, request_hash, response, at) VALUES ($id, '', x'', x'', 0)",
                                ("$id", i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                            if (i % 10 == 0)
                            {
                                // A real error of SQLite, in the middle of a group.
                                transaction.Execute("INSERT INTO requests (request_id) VALUES (NULL)");
                            }
                        }))
                    .AsTask())
            .ToList();

        var failed = (await Task.WhenAll(writes)).Count(exception => exception is not null);

        Assert.Equal(20, failed);
        Assert.Equal(180, await store.ReadAsync(reader => reader.Number("SELECT count(*) FROM requests")));
    }

    [Fact]
    public async Task AfterCommit_OfACommandThatFailed_IsNotCalled()
    {
        await using var store = Open(File, SchemaMigrations.All.Count);
        var called = 0;
        await Record.ExceptionAsync(() => store.WriteAsync(transaction =>
        {
            transaction.AfterCommit(() => called += 100);
            throw new InvalidOperationException();
        }));
        await store.WriteAsync(transaction => transaction.AfterCommit(() => called++));

        Assert.Equal(1, called);
    }

    [Fact]
    public async Task Write_AfterClosing_IsRefused()
    {
        var store = Open(File, SchemaMigrations.All.Count);
        await store.DisposeAsync();

        await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync(static _ => { }));
    }

    private static FleetStore Open(string path, int version) =>
        FleetStore.Open(new SqliteEngine(path), [.. SchemaMigrations.All.Take(version)], TimeProvider.System, NullLogger.Instance);

    private static void Pragma(string path, string sql)
    {
        NativeSqlite.EnsureLoaded();
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
