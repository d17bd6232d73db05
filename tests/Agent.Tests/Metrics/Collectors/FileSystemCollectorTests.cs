using System.Collections.Concurrent;
using System.Text;
using Fleet.Agent.Metrics.Collectors;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Metrics.Collectors;

public sealed class FileSystemCollectorTests : IDisposable
{
    private const string Root = "{device=/dev/sda1,mount=/,type=ext4}";
    private const string Nas = "{device=nas.example:/export/back\\up,mount=/mnt/nas of Renée,type=nfs4}";
    private const string NotUtf8 = "{device=/dev/mapper/vg0-data,mount=/mnt/caf\\xe9,type=ext4}";
    private const string Hidden = "/dev/nvme0n1p1";

    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly Gathered _got = new();
    private readonly ManualResetEventSlim _nasAnswers = new(initialState: true);
    private readonly SemaphoreSlim _nasAsked = new(0);
    private readonly ConcurrentQueue<string> _asked = [];
    private readonly ConcurrentDictionary<int, bool> _threads = [];
    private readonly FileSystemCollector _collector;

    public FileSystemCollectorTests() => _collector = new FileSystemCollector(Recorded.Storage, _time, Ask);

    public void Dispose()
    {
        _nasAnswers.Set();
        _collector.Dispose();
        _nasAnswers.Dispose();
        _nasAsked.Dispose();
    }

    [Fact]
    public async Task Collect_MountsOfManyKinds_EachDataFileSystemOnceByItsRealName()
    {
        await _got.CollectAsync(_collector);
        Assert.Equal(1000, _got[$"fleet_filesystem_size_bytes{Root}"]);
        Assert.Equal(300, _got[$"fleet_filesystem_available_bytes{Root}"]);
        Assert.Equal(0, _got[$"fleet_filesystem_hung{Nas}"]);
        Assert.Equal(1000, _got[$"fleet_filesystem_size_bytes{NotUtf8}"]);
        Assert.Equal(4, _got.Names.Count(n => n.StartsWith("fleet_filesystem_hung", StringComparison.Ordinal)));
        Assert.DoesNotContain(_got.Names, n =>
            n.Contains(Hidden, StringComparison.Ordinal) || n.Contains("jail", StringComparison.Ordinal));
        Assert.Equal("/mnt/nas of Renée", _asked.Last());
    }

    [Fact]
    public async Task Collect_HungMount_IsReportedOthersToo_AskedOnce_AndRecovers()
    {
        _nasAnswers.Reset();
        await CollectHungAsync();
        Assert.Equal(1, _got[$"fleet_filesystem_hung{Nas}"]);
        Assert.Equal(0, _got[$"fleet_filesystem_hung{Root}"]);
        Assert.Equal(1000, _got[$"fleet_filesystem_size_bytes{NotUtf8}"]);
        Assert.DoesNotContain($"fleet_filesystem_size_bytes{Nas}", _got.Names);

        // While the first question is open: no wait, no second question, the others from one thread more.
        for (var round = 0; round < 5; round++)
        {
            await _got.CollectAsync(_collector);
            Assert.Equal(1, _got[$"fleet_filesystem_hung{Nas}"]);
            Assert.Equal(1000, _got[$"fleet_filesystem_size_bytes{Root}"]);
        }

        Assert.Equal(1, _asked.Count(p => p.StartsWith("/mnt/nas", StringComparison.Ordinal)));
        Assert.Equal(2, _threads.Count);

        _nasAnswers.Set();
        using var limit = new CancellationTokenSource(Generous);
        while ((await _got.CollectAsync(_collector))[$"fleet_filesystem_hung{Nas}"] == 1)
        {
            limit.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal(1000, _got[$"fleet_filesystem_size_bytes{Nas}"]);
        Assert.Equal(2, _threads.Count);
    }

    [Fact]
    public async Task Collect_CutShortWhileOneHangs_NothingQueuesBehindIt()
    {
        _nasAnswers.Reset();
        using var cut = new CancellationTokenSource();
        var round = _collector.CollectAsync(new Gathered().Writer, cut.Token).AsTask();
        Assert.True(await _nasAsked.WaitAsync(Generous, TestContext.Current.CancellationToken));
        await cut.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => round);

        await _got.CollectAsync(_collector).WaitAsync(Generous, TestContext.Current.CancellationToken);
        Assert.Equal(1, _got[$"fleet_filesystem_hung{Nas}"]);
        Assert.Equal(1000, _got[$"fleet_filesystem_size_bytes{Root}"]);
        Assert.Equal(1, _asked.Count(p => p.StartsWith("/mnt/nas", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Collect_ErrorOfOne_IsAMetricOfThatOne()
    {
        using var collector = new FileSystemCollector(
            Recorded.Storage, _time, path => path.AsSpan().SequenceEqual("/"u8) ? Usage() with { Error = 5 } : Usage());
        await _got.CollectAsync(collector);
        Assert.Equal(1, _got[$"fleet_filesystem_error{Root}"]);
        Assert.DoesNotContain($"fleet_filesystem_size_bytes{Root}", _got.Names);
        Assert.Equal(0, _got[$"fleet_filesystem_error{NotUtf8}"]);
    }

    [Fact]
    public void StatVfs_RealRoot_AgreesWithDriveInfo()
    {
        var usage = StatVfs.Read("/"u8);
        Assert.Equal(0, usage.Error);
        Assert.Equal(new DriveInfo("/").TotalSize, usage.SizeBytes);
        Assert.True(usage.AvailableBytes <= usage.FreeBytes && usage.FreeBytes <= usage.SizeBytes);
    }

    [Fact]
    public void StatVfs_NothingThere_Enoent() => Assert.Equal(2, StatVfs.Read("/there/is/nothing"u8).Error);

    private async Task CollectHungAsync()
    {
        var round = _got.CollectAsync(_collector);
        Assert.True(await _nasAsked.WaitAsync(Generous, TestContext.Current.CancellationToken));
        using var limit = new CancellationTokenSource(Generous);
        while (!round.IsCompleted)
        {
            // The wait for the answer begins some time after the question.
            _time.Advance(FileSystemCollector.AnswerTimeout);
            await Task.Yield();
            limit.Token.ThrowIfCancellationRequested();
        }

        await round;
    }

    private FileSystemUsage Ask(byte[] path)
    {
        var name = Encoding.UTF8.GetString(path.AsSpan().TrimEnd((byte)0));
        _asked.Enqueue(name);
        _threads.TryAdd(Environment.CurrentManagedThreadId, true);
        if (name.StartsWith("/mnt/nas", StringComparison.Ordinal))
        {
            _nasAsked.Release();
            _nasAnswers.Wait(TestContext.Current.CancellationToken);
        }

        return Usage();
    }

    private static FileSystemUsage Usage() => new(1000, 400, 300, 50, 20, false, 0);
}
