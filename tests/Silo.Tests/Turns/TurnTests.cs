using Orleans.Concurrency;

namespace Fleet.Silo.Tests.Turns;

public sealed class TurnTests
{
    [Fact]
    public async Task Call_From1000CallersAtOnce_RunsOneTurnAtATime()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ICounterGrain>("a");

        var calls = Enumerable.Range(0, 1000).Select(_ => Task.Run(() => grain.Increment())).ToArray();
        await Task.WhenAll(calls).Soon();

        Assert.Equal(1000, await grain.Value());
        Assert.Equal(1, await grain.MostAtOnce());
        Assert.Equal(1000, calls.Select(c => c.Result).Distinct().Count());
    }

    [Fact]
    public async Task Await_InAReentrantGrain_ComesBackToTheGrainsOwnThread()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IReentrantCounterGrain>("a");

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => grain.IncrementWithAwaits()))).Soon();

        Assert.Equal(3000, await grain.Value());
    }
}

public interface ICounterGrain : IGrainWithStringKey
{
    Task<int> Increment();

    Task<int> Value();

    Task<int> MostAtOnce();
}

internal sealed class CounterGrain : Grain, ICounterGrain
{
    private int _value;
    private int _running;
    private int _most;

    public async Task<int> Increment()
    {
        _most = Math.Max(_most, ++_running);
        var next = _value + 1;
        await Task.Yield();
        _value = next;
        _running--;
        return next;
    }

    public Task<int> Value() => Task.FromResult(_value);

    public Task<int> MostAtOnce() => Task.FromResult(_most);
}

public interface IReentrantCounterGrain : IGrainWithStringKey
{
    Task IncrementWithAwaits();

    ValueTask<int> Value();
}

[Reentrant]
internal sealed class ReentrantCounterGrain : Grain, IReentrantCounterGrain
{
    private int _value;

    public async Task IncrementWithAwaits()
    {
        // Without a lock: it is right only if the parts between awaits never overlap.
        for (var i = 0; i < 3; i++)
        {
            var next = _value + 1;
            Thread.SpinWait(20);
            _value = next;
            await Task.Yield();
        }
    }

    public ValueTask<int> Value() => new(_value);
}
