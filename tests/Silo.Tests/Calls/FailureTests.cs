using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Fleet.Silo.Tests.Calls;

public sealed class FailureTests
{
    [Fact]
    public async Task Call_OfAMethodThatThrows_ThrowsTheSameToTheCallerWithItsStack()
    {
        await using var silo = await TestSilo.StartAsync();

        var exception = await Assert.ThrowsAsync<CarriedException>(() => silo.Grain<IFailingGrain>("a").FailCarried("no room").Soon());

        Assert.Equal("no room", exception.Message);
        Assert.Contains(nameof(FailingGrain.FailCarried), exception.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_OfAMethodThatThrowsBeforeItsFirstAwait_FailsTheTask()
    {
        await using var silo = await TestSilo.StartAsync();

        var call = silo.Grain<IFailingGrain>("a").FailAtOnce();

        await Assert.ThrowsAsync<InvalidOperationException>(() => call.Soon());
    }

    [Fact]
    public async Task Call_OfAMethodThatThrowsAnUnmarkedException_SaysThatItCannotBeCarried()
    {
        await using var silo = await TestSilo.StartAsync();

        var exception = await Assert.ThrowsAsync<CodecNotFoundException>(() => silo.Grain<IFailingGrain>("a").FailUnmarked().Soon());

        Assert.Contains(nameof(UnmarkedException), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_AfterAFailedOne_IsHandled()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IFailingGrain>("a");

        await Assert.ThrowsAsync<InvalidOperationException>(() => grain.FailAtOnce().Soon());

        Assert.Equal(7, await grain.Succeed().Soon());
    }

    [Fact]
    public async Task OneWay_ThatFails_TellsTheCallerNothing()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IFailingGrain>("a");

        await grain.FailOneWay().Soon();

        Assert.Equal(7, await grain.Succeed().Soon());
    }

    [Fact]
    public async Task Call_ThatTakesLongerThanItsOwnLimit_TimesOut()
    {
        await using var silo = await TestSilo.StartAsync();

        var call = silo.Grain<IFailingGrain>("slow").NeverEnds();
        silo.Time.Advance(TimeSpan.FromSeconds(7));

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => call.Soon());
        Assert.Contains("00:00:05", exception.Message, StringComparison.Ordinal);
        Assert.Contains("IFailingGrain/NeverEnds", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ThatTimedOutWhileItWaited_IsNotRun()
    {
        await using var silo = await TestSilo.StartAsync(s => s.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(2)));
        var grain = silo.Grain<IBusyGrain>("a");

        var running = grain.WaitFor("first");
        await grain.IsWaiting().Soon();
        var waiting = grain.WaitFor("second");
        silo.Time.Advance(TimeSpan.FromSeconds(4));
        await Assert.ThrowsAsync<TimeoutException>(() => running.Soon());
        await Assert.ThrowsAsync<TimeoutException>(() => waiting.Soon());
        await grain.Release().Soon();

        Assert.Equal(["first"], await grain.Started().Soon());
    }

    [Fact]
    public async Task Cancellation_ByTheCaller_ReachesTheGrainAndEndsTheWait()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IBusyGrain>("cancelled");
        using var cancellation = new CancellationTokenSource();

        var call = grain.WaitForCancellation(cancellation.Token);
        await grain.IsWaiting().Soon();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Soon());
        await grain.SawCancellation().Soon();
    }

    [Fact]
    public async Task Call_BeforeTheSiloStarts_Fails()
    {
        var silo = TestSilo.Build();

        await Assert.ThrowsAsync<SiloUnavailableException>(() => silo.Grain<IFailingGrain>("a").Succeed().Soon());
        silo.Host.Dispose();
    }
}

[GenerateSerializer]
public sealed class CarriedException(string message) : Exception(message);

public sealed class UnmarkedException() : Exception("nobody will see my type");

public interface IFailingGrain : IGrainWithStringKey
{
    Task FailCarried(string message);

    Task FailAtOnce();

    Task FailUnmarked();

    [OneWay]
    Task FailOneWay();

    Task<int> Succeed();

    [ResponseTimeout("00:00:05")]
    Task NeverEnds();
}

internal sealed class FailingGrain : Grain, IFailingGrain
{
    public async Task FailCarried(string message)
    {
        await Task.Yield();
        throw new CarriedException(message);
    }

    public Task FailAtOnce() => throw new InvalidOperationException("at once");

    public Task FailUnmarked() => throw new UnmarkedException();

    public Task FailOneWay() => throw new InvalidOperationException("unheard");

    public Task<int> Succeed() => Task.FromResult(7);

    public Task NeverEnds() => new TaskCompletionSource().Task;
}

public interface IBusyGrain : IGrainWithStringKey
{
    Task WaitFor(string name);

    [AlwaysInterleave]
    Task Release();

    Task<List<string>> Started();

    Task WaitForCancellation(CancellationToken cancellationToken);

    [AlwaysInterleave]
    Task IsWaiting();

    [AlwaysInterleave]
    Task SawCancellation();
}

internal sealed class BusyGrain : Grain, IBusyGrain
{
    private readonly TaskCompletionSource _released = new();
    private readonly TaskCompletionSource _waiting = new();
    private readonly TaskCompletionSource _cancelled = new();
    private readonly List<string> _started = [];

    public Task WaitFor(string name)
    {
        _started.Add(name);
        _waiting.TrySetResult();
        return _released.Task;
    }

    public Task Release()
    {
        _released.TrySetResult();
        return Task.CompletedTask;
    }

    public Task<List<string>> Started() => Task.FromResult(_started);

    public async Task WaitForCancellation(CancellationToken cancellationToken)
    {
        _waiting.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled.TrySetResult();
            throw;
        }
    }

    public Task IsWaiting() => _waiting.Task;

    public Task SawCancellation() => _cancelled.Task;
}
