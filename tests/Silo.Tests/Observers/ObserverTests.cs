using System.Runtime.CompilerServices;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Fleet.Silo.Tests.Observers;

public sealed class ObserverTests
{
    [Fact]
    public async Task Notify_ThroughAReference_ReachesTheObject()
    {
        await using var silo = await TestSilo.StartAsync();
        var observer = new Listener();
        var reference = silo.Grains.CreateObjectReference<IListener>(observer);

        Assert.Equal("heard: hello", await silo.Grain<ISpeakerGrain>("a").Say(reference, "hello").Soon());
        GC.KeepAlive(observer);
    }

    [Fact]
    public async Task Notify_OfAnObserverThatThrows_FailsForTheGrain()
    {
        await using var silo = await TestSilo.StartAsync();
        var observer = new Listener { Fails = true };
        var reference = silo.Grains.CreateObjectReference<IListener>(observer);

        await Assert.ThrowsAsync<InvalidOperationException>(() => silo.Grain<ISpeakerGrain>("a").Say(reference, "hello").Soon());
        GC.KeepAlive(observer);
    }

    [Fact]
    public async Task NotifyOneWay_OfAnObserverThatThrows_TellsTheGrainNothing()
    {
        await using var silo = await TestSilo.StartAsync();
        var observer = new Listener { Fails = true };
        var reference = silo.Grains.CreateObjectReference<IListener>(observer);

        await silo.Grain<ISpeakerGrain>("a").Whisper(reference, "hello").Soon();

        await observer.Reached.Soon();
    }

    [Fact]
    public async Task Notify_AfterDeleteObjectReference_Fails()
    {
        await using var silo = await TestSilo.StartAsync();
        var observer = new Listener();
        var reference = silo.Grains.CreateObjectReference<IListener>(observer);
        silo.Grains.DeleteObjectReference<IListener>(reference);

        await Assert.ThrowsAsync<ClientNotAvailableException>(() => silo.Grain<ISpeakerGrain>("a").Say(reference, "hello").Soon());
        Assert.Throws<ArgumentException>(() => silo.Grains.DeleteObjectReference<IListener>(reference));
        GC.KeepAlive(observer);
    }

    [Fact]
    public async Task Notify_AfterTheObjectWasCollected_Fails()
    {
        await using var silo = await TestSilo.StartAsync();
        var reference = ReferenceToAnObjectThatNobodyHolds(silo);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        await Assert.ThrowsAsync<ClientNotAvailableException>(() => silo.Grain<ISpeakerGrain>("a").Say(reference, "hello").Soon());
    }

    [Fact]
    public async Task Notify_ManyAtOnce_HandlesOneAtATimeAndInOrder()
    {
        await using var silo = await TestSilo.StartAsync();
        var observer = new Listener();
        var reference = silo.Grains.CreateObjectReference<IListener>(observer);

        var calls = Enumerable.Range(0, 200).Select(i => reference.HearInOrder(i)).ToArray();
        await Task.WhenAll(calls).Soon();

        Assert.Equal(Enumerable.Range(0, 200), observer.Heard);
        Assert.Equal(1, observer.MostAtOnce);
    }

    [Fact]
    public async Task References_ToTheSameObserver_AreEqual()
    {
        await using var silo = await TestSilo.StartAsync();
        var observer = new Listener();
        var reference = silo.Grains.CreateObjectReference<IListener>(observer);

        Assert.Equal(reference, await silo.Grain<ISpeakerGrain>("a").GiveBack(reference).Soon());
        Assert.NotEqual(reference, silo.Grains.CreateObjectReference<IListener>(observer));
    }

    [Fact]
    public async Task Filters_SeeCallsOfObserversToo()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var silo = await TestSilo.StartAsync(s => s.AddIncomingGrainCallFilter(c =>
        {
            seen.Enqueue($"{c.MethodName} of {c.TargetContext.GrainInstance?.GetType().Name}");
            return c.Invoke();
        }));
        var observer = new Listener();

        await silo.Grains.CreateObjectReference<IListener>(observer).Hear("hello").Soon();

        Assert.Equal(["Hear of Listener"], seen);
        GC.KeepAlive(observer);
    }

    [Fact]
    public async Task CreateObjectReference_OfAReference_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync();
        var observer = new Listener();
        var reference = silo.Grains.CreateObjectReference<IListener>(observer);

        Assert.Throws<ArgumentException>(() => silo.Grains.CreateObjectReference<IListener>(reference));
        GC.KeepAlive(observer);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IListener ReferenceToAnObjectThatNobodyHolds(TestSilo silo) =>
        silo.Grains.CreateObjectReference<IListener>(new Listener());
}

public interface IListener : IGrainObserver
{
    Task<string> Hear(string text);

    [OneWay]
    Task HearQuietly(string text);

    Task HearInOrder(int number);
}

internal sealed class Listener : IListener
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    public bool Fails { get; init; }

    public Task Reached => _reached.Task;

    public List<int> Heard { get; } = [];

    public int MostAtOnce { get; private set; }

    public Task<string> Hear(string text) =>
        Fails ? throw new InvalidOperationException("cannot hear") : Task.FromResult("heard: " + text);

    public Task HearQuietly(string text)
    {
        _reached.TrySetResult();
        return Fails ? throw new InvalidOperationException("cannot hear") : Task.CompletedTask;
    }

    public async Task HearInOrder(int number)
    {
        MostAtOnce = Math.Max(MostAtOnce, ++_running);
        await Task.Yield();
        Heard.Add(number);
        _running--;
    }
}

public interface ISpeakerGrain : IGrainWithStringKey
{
    Task<string> Say(IListener listener, string text);

    Task Whisper(IListener listener, string text);

    Task<IListener> GiveBack(IListener listener);
}

internal sealed class SpeakerGrain : Grain, ISpeakerGrain
{
    public Task<string> Say(IListener listener, string text) => listener.Hear(text);

    public Task Whisper(IListener listener, string text) => listener.HearQuietly(text);

    public Task<IListener> GiveBack(IListener listener) => Task.FromResult(listener);
}
