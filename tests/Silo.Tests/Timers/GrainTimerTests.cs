using Orleans.Concurrency;
using Orleans.Runtime;

namespace Fleet.Silo.Tests.Timers;

public sealed class GrainTimerTests
{
    [Fact]
    public async Task Timer_WhenDue_TicksOncePerPeriod()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITickingGrain>("periodic");
        await grain.StartTimer(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), interleave: false).Soon();

        silo.Time.Advance(TimeSpan.FromSeconds(1));
        await TicksAsync(grain, 1);
        for (var i = 2; i <= 4; i++)
        {
            await AdvanceToTickAsync(silo, grain, TimeSpan.FromSeconds(10), i);
        }
    }

    [Fact]
    public async Task Timer_WhileARequestRuns_WaitsForItsEnd()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITickingGrain>("busy");
        await grain.StartTimer(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan, interleave: false).Soon();

        var request = grain.WaitForRelease();
        await grain.RequestHasStarted().Soon();
        silo.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, await grain.Ticks().Soon());
        await grain.Release().Soon();
        await request.Soon();

        await TicksAsync(grain, 1);
        Assert.False(await grain.Overlapped());
    }

    [Fact]
    public async Task Timer_ThatInterleaves_TicksWhileARequestWaits()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITickingGrain>("interleaving");
        await grain.StartTimer(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan, interleave: true).Soon();

        var request = grain.WaitForRelease();
        await grain.RequestHasStarted().Soon();
        silo.Time.Advance(TimeSpan.FromSeconds(2));

        await TicksAsync(grain, 1);
        await grain.Release().Soon();
        await request.Soon();
    }

    [Fact]
    public async Task Timer_UnderLoad_NeverOverlapsARequest()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITickingGrain>("loaded");
        await grain.StartTimer(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), interleave: false).Soon();

        var calls = Enumerable.Range(0, 500).Select(_ => Task.Run(grain.Work)).ToArray();
        for (var i = 0; i < 20; i++)
        {
            silo.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Task.WhenAll(calls).Soon();
        Assert.False(await grain.Overlapped());
        Assert.NotEqual(0, await grain.Ticks());
    }

    [Fact]
    public async Task Timer_WhoseCallbackThrows_GoesOn()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITickingGrain>("throwing");
        await grain.StartThrowingTimer(TimeSpan.FromSeconds(1)).Soon();

        silo.Time.Advance(TimeSpan.FromSeconds(1));
        await TicksAsync(grain, 1);

        await AdvanceToTickAsync(silo, grain, TimeSpan.FromSeconds(1), 2);
    }

    [Fact]
    public async Task Timer_AfterDispose_TicksNoMore()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITickingGrain>("disposed");
        await grain.StartTimer(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), interleave: false).Soon();
        silo.Time.Advance(TimeSpan.FromSeconds(1));
        await TicksAsync(grain, 1);

        await grain.StopTimer().Soon();
        silo.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1, await grain.Ticks().Soon());
    }

    [Fact]
    public async Task Timer_AfterDeactivation_TicksNoMore()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITickingGrain>("deactivated");
        var ticks = TickingGrain.Total("deactivated");
        await grain.StartTimer(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), interleave: false).Soon();
        await grain.Deactivate().Soon();
        await Waiting.UntilAsync(() => TickingGrain.Ended("deactivated"));

        silo.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(0, await grain.Ticks().Soon());
        Assert.Equal(ticks, TickingGrain.Total("deactivated"));
    }

    [Fact]
    public async Task Timer_InTheMiddleOfATickWhenTheActivationEnds_IsTold()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITickingGrain>("told");
        await grain.StartWaitingTimer(TimeSpan.FromSeconds(1)).Soon();
        silo.Time.Advance(TimeSpan.FromSeconds(1));
        await TicksAsync(grain, 1);

        await grain.DeactivateNow().Soon();

        await Waiting.UntilAsync(() => TickingGrain.Ended("told"));
    }

    [Fact]
    public async Task Change_ToAnotherTime_MovesTheNextTick()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ITickingGrain>("changed");
        await grain.StartTimer(TimeSpan.FromSeconds(100), Timeout.InfiniteTimeSpan, interleave: false).Soon();
        await grain.ChangeTimer(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan).Soon();

        silo.Time.Advance(TimeSpan.FromSeconds(2));
        await TicksAsync(grain, 1);

        silo.Time.Advance(TimeSpan.FromSeconds(200));
        Assert.Equal(1, await grain.Ticks().Soon());
    }

    private static async Task TicksAsync(ITickingGrain grain, int count)
    {
        while (await grain.Ticks().Soon() < count)
        {
            await Task.Yield();
        }
    }

    /// <summary>The next tick is only armed when the last one has ended, so the clock may have to move more than once.</summary>
    private static async Task AdvanceToTickAsync(TestSilo silo, ITickingGrain grain, TimeSpan period, int count)
    {
        // The tick's end arms the timer in the same turn: a call that is handled afterwards comes after it.
        await grain.Ticks().Soon();
        silo.Time.Advance(period);
        await TicksAsync(grain, count);
        Assert.Equal(count, await grain.Ticks().Soon());
    }
}

public interface ITickingGrain : IGrainWithStringKey
{
    Task StartTimer(TimeSpan dueTime, TimeSpan period, bool interleave);

    Task StartThrowingTimer(TimeSpan period);

    Task ChangeTimer(TimeSpan dueTime, TimeSpan period);

    Task StopTimer();

    Task Work();

    Task WaitForRelease();

    [AlwaysInterleave]
    Task RequestHasStarted();

    [AlwaysInterleave]
    Task Release();

    [AlwaysInterleave]
    Task<int> Ticks();

    [AlwaysInterleave]
    Task<bool> Overlapped();

    Task Deactivate();

    Task StartWaitingTimer(TimeSpan dueTime);

    [AlwaysInterleave]
    Task DeactivateNow();
}

internal sealed class TickingGrain : Grain, ITickingGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> Totals = new();
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> Ends = new();
    private readonly TaskCompletionSource _started = new();
    private readonly TaskCompletionSource _released = new();
    private IGrainTimer? _timer;
    private int _ticks;
    private bool _working;
    private bool _overlapped;

    public static int Total(string key) => Totals.GetValueOrDefault(key);

    public static bool Ended(string key) => Ends.ContainsKey(key);

    public Task StartTimer(TimeSpan dueTime, TimeSpan period, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            static (self, _) => self.TickAsync(),
            this,
            new() { DueTime = dueTime, Period = period, Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StartThrowingTimer(TimeSpan period)
    {
        _timer = this.RegisterGrainTimer(
            () =>
            {
                _ticks++;
                throw new InvalidOperationException("a bad tick");
            },
            period,
            period);
        return Task.CompletedTask;
    }

    public Task ChangeTimer(TimeSpan dueTime, TimeSpan period)
    {
        _timer!.Change(dueTime, period);
        return Task.CompletedTask;
    }

    public Task StopTimer()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task Work()
    {
        _overlapped |= _working;
        _working = true;
        await Task.Yield();
        _working = false;
    }

    public async Task WaitForRelease()
    {
        _working = true;
        _started.TrySetResult();
        await _released.Task;
        _working = false;
    }

    public Task RequestHasStarted() => _started.Task;

    public Task Release()
    {
        _released.TrySetResult();
        return Task.CompletedTask;
    }

    public Task<int> Ticks() => Task.FromResult(_ticks);

    public Task<bool> Overlapped() => Task.FromResult(_overlapped);

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task StartWaitingTimer(TimeSpan dueTime)
    {
        _timer = this.RegisterGrainTimer(
            async token =>
            {
                _ticks++;
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            },
            dueTime,
            Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task DeactivateNow() => Deactivate();

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Ends[this.GetPrimaryKeyString()] = true;
        return Task.CompletedTask;
    }

    private async Task TickAsync()
    {
        await Work();
        Totals.AddOrUpdate(this.GetPrimaryKeyString(), 1, static (_, n) => n + 1);
        _ticks++;
    }
}
