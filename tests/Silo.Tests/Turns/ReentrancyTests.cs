using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Fleet.Silo.Tests.Turns;

public sealed class ReentrancyTests
{
    [Fact]
    public async Task Cycle_ThroughAReentrantGrain_IsNoDeadlock()
    {
        await using var silo = await TestSilo.StartAsync();
        var first = silo.Grain<IReentrantLinkGrain>("first");
        var second = silo.Grain<IReentrantLinkGrain>("second");

        Assert.Equal("first <- second <- first", await first.Through(second, first).Soon());
    }

    [Fact]
    public async Task Cycle_ThroughNonReentrantGrains_EndsInATimeout()
    {
        await using var silo = await TestSilo.StartAsync();
        var first = silo.Grain<ILinkGrain>("first");
        var second = silo.Grain<ILinkGrain>("second");

        var call = first.Through(second, first);
        await Waiting.UntilAsync(() => LinkGrain.Reached("second"));
        silo.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        silo.Time.Advance(TimeSpan.FromSeconds(3));

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => call.Soon());
        Assert.Contains("Response did not arrive on time in 00:00:30", exception.Message, StringComparison.Ordinal);
        Assert.Equal("free", await first.Name("free").Soon());
    }

    [Fact]
    public async Task Cycle_WithinAnAllowedCallChain_IsNoDeadlock()
    {
        await using var silo = await TestSilo.StartAsync();
        var first = silo.Grain<ILinkGrain>("chain-first");
        var second = silo.Grain<ILinkGrain>("chain-second");

        Assert.Equal("chain-first <- chain-second <- chain-first", await first.ThroughAllowing(second, first).Soon());
    }

    [Fact]
    public async Task AlwaysInterleave_WhileAnotherCallRuns_RunsAtOnce()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IGateGrain>("a");

        var waiting = grain.WaitForOpening();
        var plain = grain.Plain();
        await grain.Open().Soon();

        await waiting.Soon();
        await plain.Soon();
    }

    [Fact]
    public async Task Call_WhileAnotherRuns_WaitsForItsEnd()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IGateGrain>("b");

        var waiting = grain.WaitForOpening();
        var plain = grain.Plain();
        Assert.False(await grain.HasPlainRun().Soon());
        await grain.Open().Soon();

        await waiting.Soon();
        await plain.Soon();
        Assert.True(await grain.HasPlainRun().Soon());
    }

    [Fact]
    public async Task ReadOnly_BesideReadOnly_RunsAtTheSameTime()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IReadersGrain>("a");

        var readers = Enumerable.Range(0, 3).Select(_ => grain.ReadTogether(3)).ToArray();

        await Task.WhenAll(readers).Soon();
    }

    [Fact]
    public async Task ReadOnly_BesideAWriter_WaitsForItsEnd()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IReadersGrain>("b");

        var calls = Enumerable.Range(0, 200).Select(i => Task.Run(() => i % 3 == 0 ? grain.Write() : grain.Read())).ToArray();
        await Task.WhenAll(calls).Soon();

        Assert.False(await grain.WriterWasDisturbed());
    }

    [Fact]
    public async Task Call_BeyondTheLimitOfWaitingOnes_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync(s => s.Configure<SiloMessagingOptions>(o => o.MaxEnqueuedRequestsHardLimit = 2));
        var grain = silo.Grain<IGateGrain>("limited");

        var running = grain.WaitForOpening();
        await grain.HasPlainRun().Soon();
        var waiting = new[] { grain.Plain(), grain.Plain() };

        await Assert.ThrowsAsync<LimitExceededException>(() => grain.Plain().Soon());
        GateGrain.OpenFromOutside("limited");
        await running.Soon();
        await Task.WhenAll(waiting).Soon();
    }
}

public interface ILinkGrain : IGrainWithStringKey
{
    Task<string> Through(ILinkGrain second, ILinkGrain third);

    Task<string> ThroughAllowing(ILinkGrain second, ILinkGrain third);

    Task<string> PassOn(ILinkGrain following);

    Task<string> Name(string name);
}

internal sealed class LinkGrain : Grain, ILinkGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> Calls = new();

    public static bool Reached(string key) => Calls.ContainsKey(key);

    public async Task<string> Through(ILinkGrain second, ILinkGrain third) => $"{this.GetPrimaryKeyString()} <- {await second.PassOn(third)}";

    public async Task<string> ThroughAllowing(ILinkGrain second, ILinkGrain third)
    {
        using (RequestContext.AllowCallChainReentrancy())
        {
            return $"{this.GetPrimaryKeyString()} <- {await second.PassOn(third)}";
        }
    }

    public async Task<string> PassOn(ILinkGrain following)
    {
        Calls[this.GetPrimaryKeyString()] = true;
        return $"{this.GetPrimaryKeyString()} <- {await following.Name(following.GetPrimaryKeyString())}";
    }

    public Task<string> Name(string name) => Task.FromResult(name);
}

public interface IReentrantLinkGrain : IGrainWithStringKey
{
    Task<string> Through(IReentrantLinkGrain second, IReentrantLinkGrain third);

    Task<string> PassOn(IReentrantLinkGrain following);

    Task<string> Name();
}

[Reentrant]
internal sealed class ReentrantLinkGrain : Grain, IReentrantLinkGrain
{
    public async Task<string> Through(IReentrantLinkGrain second, IReentrantLinkGrain third) =>
        $"{this.GetPrimaryKeyString()} <- {await second.PassOn(third)}";

    public async Task<string> PassOn(IReentrantLinkGrain following) => $"{this.GetPrimaryKeyString()} <- {await following.Name()}";

    public Task<string> Name() => Task.FromResult(this.GetPrimaryKeyString());
}

public interface IGateGrain : IGrainWithStringKey
{
    Task WaitForOpening();

    Task Plain();

    [AlwaysInterleave]
    Task Open();

    [AlwaysInterleave]
    Task<bool> HasPlainRun();
}

internal sealed class GateGrain : Grain, IGateGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource> Gates = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _plainRan;

    public static void OpenFromOutside(string key) => Gates[key].TrySetResult();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Gates[this.GetPrimaryKeyString()] = _opened;
        return Task.CompletedTask;
    }

    public Task WaitForOpening() => _opened.Task;

    public Task Plain()
    {
        _plainRan = true;
        return Task.CompletedTask;
    }

    public Task Open()
    {
        _opened.TrySetResult();
        return Task.CompletedTask;
    }

    public Task<bool> HasPlainRun() => Task.FromResult(_plainRan);
}

public interface IReadersGrain : IGrainWithStringKey
{
    [ReadOnly]
    Task ReadTogether(int count);

    [ReadOnly]
    Task Read();

    Task Write();

    [ReadOnly]
    Task<bool> WriterWasDisturbed();
}

internal sealed class ReadersGrain : Grain, IReadersGrain
{
    private readonly TaskCompletionSource _together = new();
    private int _present;
    private int _readers;
    private bool _writing;
    private bool _disturbed;

    public Task ReadTogether(int count)
    {
        if (++_present == count)
        {
            _together.TrySetResult();
        }

        return _together.Task;
    }

    public async Task Read()
    {
        _readers++;
        _disturbed |= _writing;
        await Task.Yield();
        _disturbed |= _writing;
        _readers--;
    }

    public async Task Write()
    {
        _writing = true;
        _disturbed |= _readers > 0;
        await Task.Yield();
        _disturbed |= _readers > 0;
        _writing = false;
    }

    public Task<bool> WriterWasDisturbed() => Task.FromResult(_disturbed);
}
