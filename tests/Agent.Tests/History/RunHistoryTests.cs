using Fleet.Agent.Configuration;
using Fleet.Agent.History;
using Fleet.Agent.Tests.Runs;
using Fleet.Protocol.V1;
using Fleet.Testing;
using LiteDB;
using LiteDB.Engine;

namespace Fleet.Agent.Tests.History;

public sealed class RunHistoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private HistoryFixture _fixture;

    public RunHistoryTests() => _fixture = new HistoryFixture(_folder.Path);

    public void Dispose()
    {
        _fixture.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Add_Attempts_AreWrittenByTheLoopAndTheFileIsClosedAgain()
    {
        _fixture.Run();
        Assert.False(Directory.Exists(_fixture.Folder.Path));
        _fixture.End("a");
        _fixture.End("b", policy: "hourly");
        await Eventually.TrueAsync(
            () => File.Exists(_fixture.File()) && !File.Exists(HistoryFile.LogOf(_fixture.File())) && _fixture.AreInFiles(2),
            "both are written");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_fixture.File()));
        Assert.Equal(["history-2026-11.db"], Directory.EnumerateFiles(_fixture.Folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Start_JournalHasWhatTheFilesLack_TheyGetItOnce()
    {
        _fixture.End("a");
        Assert.Equal(["message of a"], await _fixture.MessagesAsync());
        _fixture = _fixture.Restart();

        // Killed between journal and history: nobody called Add.
        _fixture.Journal.Finish(HistoryFixture.Result("b", _fixture.Clock.GetUtcNow() + TimeSpan.FromSeconds(1)));
        Assert.Equal(["message of b", "message of a"], await _fixture.MessagesAsync());
        _fixture = _fixture.Restart();
        Assert.Equal(["message of b", "message of a"], await _fixture.MessagesAsync());
        Assert.Equal(2, _fixture.InFiles().Count);
    }

    [Fact]
    public async Task Month_Ends_FileIsClosedAndTheNextOneBegun()
    {
        _fixture.End("a");
        Assert.Single(await _fixture.RunsAsync());
        _fixture.Clock.Advance(TimeSpan.FromDays(30));
        _fixture.End("b");
        Assert.Equal(["message of b", "message of a"], await _fixture.MessagesAsync());
        Assert.Equal(["history-2026-12.db", "history-2026-11.db"], _fixture.Folder.Files().Select(f => f.ToString()));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(_fixture.File()));

        // A clock that goes back begins another file of that month: what is closed stays as it is.
        var before = await File.ReadAllBytesAsync(_fixture.File(), TestContext.Current.CancellationToken);
        _fixture.Clock.SetUtcNow(_fixture.Clock.GetUtcNow() - TimeSpan.FromDays(20));
        _fixture.End("c");
        Assert.Equal(3, (await _fixture.RunsAsync()).Count);
        Assert.Equal(
            ["history-2026-12.db", "history-2026-11-02.db", "history-2026-11.db"],
            _fixture.Folder.Files().Select(f => f.ToString()));
        Assert.Equal(before, await File.ReadAllBytesAsync(_fixture.File(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Limits_TooMuchAndTooOld_TheOldestFilesGo()
    {
        _fixture.Limits = new HistoryLimits(HistoryLimits.LeastBytes, TimeSpan.FromDays(60));
        for (var i = 0; i < 40; i++)
        {
            for (var k = 0; k < 16; k++)
            {
                _fixture.End($"run-{i}-{k}", tailBytes: 32 * 1024);
            }

            _ = await _fixture.RunsAsync(HistoryFilter.Any with { Limit = 1 });
            _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(_fixture.Folder.SizeBytes(), HistoryLimits.LeastBytes / 2, HistoryLimits.LeastBytes);
        Assert.True(_fixture.Folder.Files().Count > 3);
        var kept = await _fixture.RunsAsync();
        Assert.Contains(kept, r => r["message"].AsString == "message of run-39-15");
        Assert.InRange(kept.Count, 200, 600);

        // What was dropped does not come back out of the journal.
        _fixture = _fixture.Restart();
        Assert.Equal(kept.Count, (await _fixture.RunsAsync()).Count);
        Assert.InRange(_fixture.Folder.SizeBytes(), 1, HistoryLimits.LeastBytes);

        _fixture.Clock.Advance(TimeSpan.FromDays(95));
        _fixture.End("new");
        Assert.Equal(["message of new"], await _fixture.MessagesAsync());
        _fixture = _fixture.Restart();
        Assert.Equal(["message of new"], await _fixture.MessagesAsync());
    }

    [Fact]
    public async Task ClockThatMayBeWrong_MakesNothingTooOld()
    {
        _fixture.Limits = HistoryLimits.Default.By(isClockSynchronised: false);
        _fixture.End("before");
        Assert.Equal(["message of before"], await _fixture.MessagesAsync());
        _fixture.Clock.Advance(TimeSpan.FromDays(3_000));
        _fixture.End("years ahead");
        Assert.Equal(["message of years ahead", "message of before"], await _fixture.MessagesAsync());

        _fixture.Limits = HistoryLimits.Default.By(isClockSynchronised: true);
        _fixture.End("now it is known");
        Assert.DoesNotContain("message of before", await _fixture.MessagesAsync());
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("empty")]
    [InlineData("a page of zeros")]
    [InlineData("another program's")]
    [InlineData("a later format")]
    public async Task Damage_File_IsSetAsideAndWrittenAnewFromTheJournal(string damage)
    {
        for (var i = 0; i < 50; i++)
        {
            _fixture.End($"run-{i}", tailBytes: 4096);
        }

        Assert.Equal(50, (await _fixture.RunsAsync()).Count);
        _fixture.Dispose();
        Spoil(_fixture.File(), damage);
        _fixture = new HistoryFixture(_folder.Path, _fixture.Clock);

        Assert.Equal(50, (await _fixture.RunsAsync()).Count);
        Assert.Equal(50, _fixture.InFiles().Count);
        Assert.Contains("history-2026-11.db", Assert.Single(_fixture.Told), StringComparison.Ordinal);
        Assert.Equal("history-2026-11.db.damaged", Assert.Single(_fixture.Folder.SetAside()).Name);
        Assert.Contains(
            "was damaged and set aside 2026-11-10 04:00 UTC",
            Assert.Single(HistoryStatus.Of(_fixture.Folder, 0, "").Notes),
            StringComparison.Ordinal);

        // And it goes on.
        _fixture.End("after");
        Assert.Equal(51, (await _fixture.RunsAsync()).Count);
        Assert.Single(_fixture.Told);
    }

    [Fact]
    public async Task Damage_FileOfAnEarlierMonth_OnlyWhatTheJournalForgotIsLost()
    {
        for (var i = 0; i < 600; i++)
        {
            _fixture.End($"old-{i}");
            if (i % 300 == 299)
            {
                // The journal remembers 512.
                _ = await _fixture.RunsAsync();
            }
        }

        _fixture.Clock.Advance(TimeSpan.FromDays(30));
        for (var i = 0; i < 100; i++)
        {
            _fixture.End($"new-{i}");
        }

        Assert.Equal(700, (await _fixture.RunsAsync()).Count);
        _fixture.Dispose();
        Spoil(_fixture.File(), "truncated");
        _fixture = new HistoryFixture(_folder.Path, _fixture.Clock);

        // The 512 newest.
        Assert.Equal(512, (await _fixture.RunsAsync()).Count);
    }

    [Fact]
    public async Task Disk_IsFull_AttemptsAreShownFromTheJournalAndMadeUpForLater()
    {
        using var disk = await SmallDisk.MountAsync(24);
        using var fixture = new HistoryFixture(disk.Path);
        fixture.Run();
        fixture.End("a");
        await Eventually.TrueAsync(() => File.Exists(fixture.File()) && fixture.AreInFiles(1), "there is room for the first");
        var ballast = Path.Join(disk.Path, "half");
        await using (var file = File.Create(ballast))
        {
            RandomAccess.SetLength(file.SafeFileHandle, 0);
            file.Write(new byte[18 << 20]);
        }

        fixture.End("b");
        await Eventually.TrueAsync(() => fixture.History.Problem.Length > 0, "it says so");
        Assert.Equal(2, (await fixture.RunsAsync()).Count);
        Assert.Single(fixture.InFiles());
        Assert.Contains(
            "cannot be written at the moment",
            Assert.Single(HistoryStatus.Of(fixture.Folder, 0, fixture.History.Problem).Notes),
            StringComparison.Ordinal);
        Assert.Empty(fixture.Told);

        File.Delete(ballast);
        fixture.Clock.Advance(TimeSpan.FromMinutes(15));
        await Eventually.TrueAsync(() => fixture.History.Problem.Length == 0 && fixture.AreInFiles(2), "it is completed later");
    }

    [Fact]
    public async Task Disk_FillsInTheMiddleOfAWrite_NothingIsLostOnceThereIsRoom()
    {
        using var disk = await SmallDisk.MountAsync(24);
        using var fixture = new HistoryFixture(disk.Path);
        fixture.End("a", tailBytes: 32 * 1024);
        Assert.Single(await fixture.RunsAsync());
        disk.Fill();
        Assert.ThrowsAny<Exception>(() =>
        {
            using var file = HistoryFile.OpenForWriting(fixture.File());
            file.Add(Enumerable.Range(0, 100).Select(i => HistoryDocument.Of(Large($"full-{i}"))!));
        });
        Assert.Contains("message of a", await fixture.MessagesAsync());
        disk.MakeRoom();
        fixture.End("b");
        var messages = await fixture.MessagesAsync();
        Assert.Contains("message of a", messages);
        Assert.Contains("message of b", messages);
    }

    [Fact]
    public async Task Filters_Combine()
    {
        _fixture.End("a", outcome: ActionOutcome.Failed);
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        _fixture.End("b", policy: "hourly", outcome: ActionOutcome.Refused);
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        _fixture.End("c");
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        _fixture.End("c", attempt: 2, outcome: ActionOutcome.Failed);
        var first = _fixture.Clock.GetUtcNow() - TimeSpan.FromHours(3);
        Assert.Equal(
            ["message of c", "message of c", "message of a"],
            await _fixture.MessagesAsync(HistoryFilter.Any with { Policy = "nightly" }));
        Assert.Equal(["message of c", "message of a"], await _fixture.MessagesAsync(HistoryFilter.Any with { State = "failed" }));
        Assert.Equal(
            ["message of b"],
            await _fixture.MessagesAsync(HistoryFilter.Any with { State = "refused", Policy = "hourly", Action = "rsync" }));
        Assert.Empty(await _fixture.MessagesAsync(HistoryFilter.Any with { Action = "command" }));
        Assert.Empty(await _fixture.MessagesAsync(HistoryFilter.Any with { Policy = "night" }));
        Assert.Equal(
            ["message of b", "message of a"],
            await _fixture.MessagesAsync(HistoryFilter.Any with { Since = first, Until = first + TimeSpan.FromHours(1) }));
        Assert.Equal(["message of a"], await _fixture.MessagesAsync(HistoryFilter.Any with { Policy = "nightly", Until = first }));
        Assert.Equal(["message of c"], await _fixture.MessagesAsync(HistoryFilter.Any with { Limit = 1 }));
        var attempts = await _fixture.History.AskAsync(r => r.Attempts(RunIds.Of("c").Text[..8]), TestContext.Current.CancellationToken);
        Assert.Equal([1, 2], attempts.Select(a => a["attempt"].AsInt32));
    }

    private static RunFinished Large(string run)
    {
        var finished = HistoryFixture.Result(run, new DateTimeOffset(2026, 11, 10, 4, 0, 0, TimeSpan.Zero));
        finished.Result.LogTail.Add(new LogLine { Number = 1, Text = new string('x', 200_000) });
        return finished;
    }

    private static void Spoil(string path, string damage)
    {
        var content = File.ReadAllBytes(path);
        switch (damage)
        {
            case "truncated":
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                File.WriteAllBytes(path, content[..(content.Length / 2)]);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "a page of zeros":
                content.AsSpan(3 * 8192, 8192).Clear();
                File.WriteAllBytes(path, content);
                break;
            case "another program's":
                File.WriteAllText(path, "SQLite format 3\0" + new string('x', 10_000));
                break;
            default:
                using (var engine = new LiteEngine(new EngineSettings { Filename = path, Collation = Collation.Binary }))
                {
                    engine.Pragma("USER_VERSION", HistoryFile.FormatVersion + 1);
                }

                break;
        }
    }
}
