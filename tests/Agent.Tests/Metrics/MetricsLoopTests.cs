using System.Collections.Concurrent;
using Fleet.Agent.Configuration;
using Fleet.Agent.Metrics;
using Fleet.Agent.Timing;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Metrics;

public sealed class MetricsLoopTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly SeriesTable _table = new();
    private readonly ConcurrentQueue<Collection> _sent = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SharedTimer _timer;
    private AgentOptions _options = new();

    public MetricsLoopTests() => _timer = new SharedTimer(_time);

    public void Dispose()
    {
        _arrived.Dispose();
        _timer.Dispose();
    }

    [Fact]
    public async Task Collect_OneFails_OthersAndTheFailureGoOut()
    {
        await RoundAsync(Loop(new Fixed("good"), new Failing("bad")));
        var collection = Assert.Single(_sent);
        Assert.Equal(["fleet_good"], Names(collection));
        Assert.Equal(("bad", "broken\\x1b"), (collection.Failures[0].Collector, collection.Failures[0].Message));
    }

    [Fact]
    public async Task Collect_OneHangs_OthersGoOutAtOnceAndItIsNotStartedAgain()
    {
        var hung = new Hung("hung");
        var loop = Loop(hung, new Fixed("good"));
        await RoundAsync(loop);
        Assert.Equal(["fleet_good"], Names(_sent.First()));
        var failure = _sent.SelectMany(c => c.Failures).Single();
        Assert.Equal(("hung", "did not return within 2 s"), (failure.Collector, failure.Message));

        _sent.Clear();
        await RoundAsync(loop);
        Assert.Equal(["fleet_good"], Names(_sent.First()));
        Assert.Contains(
            "has not returned since an earlier round",
            _sent.SelectMany(c => c.Failures).Single().Message,
            StringComparison.Ordinal);
        Assert.Equal(1, hung.Starts);

        hung.Release.SetResult();
        await hung.Returned.Task.WaitAsync(Generous, TestContext.Current.CancellationToken);

        // The loop learns a moment after the collector that it has returned.
        using var limit = new CancellationTokenSource(Generous);
        while (hung.Starts < 2)
        {
            limit.Token.ThrowIfCancellationRequested();
            await RoundAsync(loop);
        }
    }

    [Fact]
    public void Collect_AllAnswerAtOnce_OnTheCallersThreadAndWithoutAnyTimer()
    {
        var good = new Fixed("good");
        var round = Loop(good, new Failing("bad"), new Fixed("other")).CollectAsync(Interval, TestContext.Current.CancellationToken);
        Assert.True(round.IsCompletedSuccessfully);
        Assert.Equal(Environment.CurrentManagedThreadId, good.Thread);
        Assert.Equal(["fleet_good", "fleet_other"], Names(Assert.Single(_sent)));
    }

    [Fact]
    public void Collect_OneThatPrepares_DoesSoBeforeAnyIsCalled()
    {
        var last = new Fixed("last");
        var first = new Fixed("first") { Before = () => Assert.True(last.Prepared) };
        Assert.True(Loop(first, last).CollectAsync(Interval, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        Assert.Empty(Assert.Single(_sent).Failures);
    }

    [Fact]
    public async Task Collect_SlowOneBesideAHungOne_GoesOutWhenItIsReady()
    {
        var slow = new Hung("slow");
        var round = Loop(new Hung("hung"), slow).CollectAsync(Interval, TestContext.Current.CancellationToken);
        await slow.Started.Task.WaitAsync(Generous, TestContext.Current.CancellationToken);

        // Past the first second, and not yet at the other's two: one pause is armed before and after.
        await _time.WaitForTimersAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await _time.WaitForTimersAsync();
        slow.Release.SetResult();
        Assert.True(await _arrived.WaitAsync(Generous, TestContext.Current.CancellationToken));
        Assert.Equal(["fleet_slow"], Names(_sent.First()));
        await FinishAsync(round);
    }

    [Fact]
    public async Task Collect_SwitchedOff_IsNotStarted()
    {
        _options = new AgentOptions
        {
            Collectors = new Dictionary<string, CollectorOptions> { ["bad"] = new(Enabled: false, Timeout: null) },
        };
        await RoundAsync(Loop(new Fixed("good"), new Failing("bad")));
        Assert.Empty(Assert.Single(_sent).Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_IntervalBecomesShorterWhileItRests_NextRoundComesByTheNewOne(bool fromFile)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var loop = Loop(new Fixed("good"));
        loop.SetInterval(TimeSpan.FromHours(1));
        var running = loop.RunAsync(stop.Token);
        Assert.True(await _arrived.WaitAsync(Generous, TestContext.Current.CancellationToken));
        if (fromFile)
        {
            _options = new AgentOptions { MetricsInterval = Interval };
            loop.ReconsiderInterval();
        }
        else
        {
            loop.SetInterval(Interval);
        }

        // Whether or not the loop has looked again: ten seconds are over then.
        _time.Advance(Interval);
        Assert.True(await _arrived.WaitAsync(Generous, TestContext.Current.CancellationToken));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task ToBatch_SecondOfASession_DefinesOnlyWhatIsNew()
    {
        await RoundAsync(Loop(new Fixed("a"), new Fixed("b")));
        var collection = _sent.Single();
        HashSet<uint> defined = [];
        Assert.Equal(2, collection.ToBatch(_table, defined).Definitions.Count);
        var second = collection.ToBatch(_table, defined);
        Assert.Empty(second.Definitions);
        Assert.Equal(2, second.Series.Count);
        Assert.Equal(2, collection.ToBatch(_table, null).Definitions.Count);
    }

    private MetricsLoop Loop(params ICollector[] collectors) =>
        new(collectors, _table, () => _options, c => { _sent.Enqueue(c); _arrived.Release(); }, _timer);

    private async Task RoundAsync(MetricsLoop loop) =>
        await FinishAsync(loop.CollectAsync(Interval, TestContext.Current.CancellationToken));

    /// <summary>Moves the clock in small steps, each only after everybody had the time to answer the one before.</summary>
    private async Task FinishAsync(Task round)
    {
        using var limit = new CancellationTokenSource(Generous);
        while (!round.IsCompleted)
        {
            await Task.WhenAny(round, Task.Run(() => Thread.SpinWait(400_000), TestContext.Current.CancellationToken));
            _time.Advance(TimeSpan.FromMilliseconds(100));
            limit.Token.ThrowIfCancellationRequested();
        }

        await round;
    }

    private IEnumerable<string> Names(Collection collection) => collection.Numbers.Select(n => _table[n].Name);

    private sealed class Fixed(string name) : ICollector
    {
        public System.Action Before { get; init; } = static () => { };

        public bool Prepared { get; private set; }

        public int Thread { get; private set; }

        public string Name => name;

        public void Prepare() => Prepared = true;

        public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

        public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
        {
            Before();
            Thread = Environment.CurrentManagedThreadId;
            writer.Add("fleet_" + name, MetricKind.Gauge, 1);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Failing(string name) : ICollector
    {
        public string Name => name;

        public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

        public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken) =>
            throw new FormatException("broken\u001b");
    }

    /// <summary>Does not heed cancellation, as a call that sleeps in the kernel.</summary>
    private sealed class Hung(string name) : ICollector
    {
        public int Starts { get; private set; }

        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Returned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => name;

        public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

        public async ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
        {
            Starts++;
            Started.TrySetResult();
            await Release.Task;
            writer.Add("fleet_" + name, MetricKind.Gauge, 1);
            Returned.TrySetResult();
        }
    }
}
