using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Fleet.Silo.Tests.Activations;

public sealed class ActivationTests
{
    [Fact]
    public async Task OnActivate_IsOverBeforeTheFirstRequest()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ILivingGrain>("first");

        Assert.Equal("constructed activated asked", await grain.Ask().Soon());
    }

    [Fact]
    public async Task OnActivate_ThatFails_FailsItsCallersAndIsTriedAgain()
    {
        await using var silo = await TestSilo.StartAsync();
        LivingGrain.FailNext("fails");
        var grain = silo.Grain<ILivingGrain>("fails");

        var first = grain.Ask();
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => first.Soon());
        Assert.Equal("not this time", exception.Message);

        Assert.Equal("constructed activated asked", await grain.Ask().Soon());
    }

    [Fact]
    public async Task Constructor_IsGivenServices()
    {
        await using var silo = await TestSilo.StartAsync(s => s.Services.AddSingleton(new Greeting("hello")));

        Assert.Equal("hello", await silo.Grain<IInjectedGrain>("a").Greet().Soon());
    }

    [Fact]
    public async Task Constructor_WithoutItsServices_FailsTheCall()
    {
        await using var silo = await TestSilo.StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => silo.Grain<IInjectedGrain>("a").Greet().Soon());
    }

    [Fact]
    public async Task DeactivateOnIdle_EndsTheActivationAndTheNextCallBeginsAnother()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ILivingGrain>("ends");

        var first = await grain.Life().Soon();
        await grain.Finish().Soon();

        Assert.NotEqual(first, await grain.Life().Soon());
        Assert.Equal(DeactivationReasonCode.ApplicationRequested, LivingGrain.EndOf("ends"));
    }

    [Fact]
    public async Task DeactivateOnIdle_WithRequestsWaiting_LosesNone()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ILivingGrain>("busy");

        var calls = Enumerable.Range(0, 300).Select(i => Task.Run(() => i % 150 == 0 ? grain.Finish() : grain.Ask())).ToArray();

        await Task.WhenAll(calls).Soon();
    }

    [Fact]
    public async Task DeactivateOnIdle_WithRequestsWaiting_GivesThemToTheNextActivation()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<ILivingGrain>("handed over");
        var first = await grain.Life().Soon();

        var ending = grain.FinishWhenReleased();
        var waiting = Enumerable.Range(0, 10).Select(_ => grain.Life()).ToArray();
        LivingGrain.Release("handed over");
        await ending.Soon();

        var lives = (await Task.WhenAll(waiting).Soon()).Distinct().ToArray();
        Assert.NotEqual(first, Assert.Single(lives));
    }

    [Fact]
    public async Task Activation_IdleForItsAge_EndsAndTheNextCallBeginsAnother()
    {
        await using var silo = await TestSilo.StartAsync(Ages);
        var grain = silo.Grain<ILivingGrain>("idle");
        var first = await grain.Life().Soon();

        silo.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(first, await grain.Life().Soon());
        silo.Time.Advance(TimeSpan.FromMinutes(7));
        await Waiting.UntilAsync(() => LivingGrain.EndOf("idle") == DeactivationReasonCode.ActivationIdle);

        Assert.NotEqual(first, await grain.Life().Soon());
    }

    [Fact]
    public async Task Activation_ThatAskedToStay_OutlivesItsAge()
    {
        await using var silo = await TestSilo.StartAsync(Ages);
        var grain = silo.Grain<ILivingGrain>("stays");
        await grain.Stay(TimeSpan.FromHours(1)).Soon();
        var first = await grain.Life().Soon();

        silo.Time.Advance(TimeSpan.FromMinutes(50));

        Assert.Equal(first, await grain.Life().Soon());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Activation_WithATimer_OutlivesItsAgeOnlyIfTheTimerKeepsItAlive(bool keepAlive)
    {
        await using var silo = await TestSilo.StartAsync(Ages);
        var key = "timer-" + keepAlive;
        var grain = silo.Grain<ILivingGrain>(key);
        await grain.StartTimer(keepAlive).Soon();
        var first = await grain.Life().Soon();

        for (var i = 0; i < 20; i++)
        {
            silo.Time.Advance(TimeSpan.FromMinutes(1));
            await Waiting.UntilAsync(() => LivingGrain.Ticks(key) > i || LivingGrain.EndOf(key) is not null);
            if (LivingGrain.EndOf(key) is not null)
            {
                break;
            }

            await silo.Grain<ILivingGrain>("other").Life().Soon();
        }

        Assert.Equal(keepAlive ? null : DeactivationReasonCode.ActivationIdle, LivingGrain.EndOf(key));
        Assert.Equal(keepAlive, first == await grain.Life().Soon());
    }

    [Fact]
    public async Task Start_WithAnAgeBelowTheQuantum_IsRefused()
    {
        var silo = TestSilo.Build(s => s.Configure<GrainCollectionOptions>(o => o.CollectionAge = TimeSpan.FromSeconds(30)));

        await Assert.ThrowsAsync<Orleans.Runtime.OrleansConfigurationException>(
            () => silo.Host.StartAsync(TestContext.Current.CancellationToken));
        silo.Host.Dispose();
    }

    [Fact]
    public async Task Stop_EndsEveryActivation()
    {
        var silo = await TestSilo.StartAsync();
        for (var i = 0; i < 100; i++)
        {
            await silo.Grain<ILivingGrain>("stopped" + i).Life().Soon();
        }

        await silo.DisposeAsync();

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(DeactivationReasonCode.ShuttingDown, LivingGrain.EndOf("stopped" + i));
        }
    }

    [Fact]
    public async Task Stop_WithAGrainThatDoesNotEnd_IsOverWhenTheHostsPatienceIs()
    {
        var silo = await TestSilo.StartAsync();
        var call = silo.Grain<ILivingGrain>("endless").Never();
        await silo.Grain<ILivingGrain>("other").Ask().Soon();
        using var patience = new CancellationTokenSource();

        var stop = silo.Host.StopAsync(patience.Token);
        Assert.False(stop.IsCompleted);
        await patience.CancelAsync();

        await Record.ExceptionAsync(() => stop.Soon());
        await Assert.ThrowsAsync<Orleans.Runtime.SiloUnavailableException>(() => call.Soon());
        silo.Host.Dispose();
    }

    private static void Ages(ISiloBuilder silo) => silo.Configure<GrainCollectionOptions>(o =>
    {
        o.CollectionAge = TimeSpan.FromMinutes(5);
        o.CollectionQuantum = TimeSpan.FromMinutes(1);
    });
}

public sealed record Greeting(string Text);

public interface IInjectedGrain : IGrainWithStringKey
{
    Task<string> Greet();
}

internal sealed class InjectedGrain(Greeting greeting) : Grain, IInjectedGrain
{
    public Task<string> Greet() => Task.FromResult(greeting.Text);
}

public interface ILivingGrain : IGrainWithStringKey
{
    Task<string> Ask();

    Task<Guid> Life();

    Task Finish();

    Task FinishWhenReleased();

    Task Stay(TimeSpan time);

    Task StartTimer(bool keepAlive);

    Task Never();
}

internal sealed class LivingGrain : Grain, ILivingGrain
{
    private static readonly ConcurrentDictionary<string, bool> Failing = new();
    private static readonly ConcurrentDictionary<string, DeactivationReasonCode> Ends = new();
    private static readonly ConcurrentDictionary<string, int> AllTicks = new();
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Gates = new();
    private readonly Guid _life = Guid.NewGuid();
    private string _story = "constructed";

    public static void FailNext(string key) => Failing[key] = true;

    public static DeactivationReasonCode? EndOf(string key) => Ends.TryGetValue(key, out var code) ? code : null;

    public static void Release(string key) => Gate(key).TrySetResult();

    public static int Ticks(string key) => AllTicks.GetValueOrDefault(key);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (Failing.TryRemove(this.GetPrimaryKeyString(), out _))
        {
            throw new InvalidOperationException("not this time");
        }

        _story += " activated";
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Ends[this.GetPrimaryKeyString()] = reason.ReasonCode;
        return Task.CompletedTask;
    }

    public async Task<string> Ask()
    {
        var story = _story + " asked";
        await Task.Yield();
        return story;
    }

    public Task<Guid> Life() => Task.FromResult(_life);

    public Task Finish()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task FinishWhenReleased()
    {
        DeactivateOnIdle();
        await Gate(this.GetPrimaryKeyString()).Task;
    }

    public Task Stay(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task StartTimer(bool keepAlive)
    {
        this.RegisterGrainTimer(
            () =>
            {
                AllTicks.AddOrUpdate(this.GetPrimaryKeyString(), 1, static (_, n) => n + 1);
                return Task.CompletedTask;
            },
            new() { DueTime = TimeSpan.FromMinutes(1), Period = TimeSpan.FromMinutes(1), KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    private static TaskCompletionSource Gate(string key) =>
        Gates.GetOrAdd(key, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    public Task Never() => new TaskCompletionSource().Task;
}
