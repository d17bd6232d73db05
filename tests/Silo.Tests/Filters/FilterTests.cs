using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Fleet.Silo.Tests.Filters;

public sealed class FilterTests
{
    [Fact]
    public async Task Filters_WrapTheCall_InTheOrderOfTheirAdding()
    {
        var log = new ConcurrentQueue<string>();
        await using var silo = await TestSilo.StartAsync(s =>
        {
            s.AddOutgoingGrainCallFilter(c => LogAsync(log, "out1", c));
            s.AddOutgoingGrainCallFilter(c => LogAsync(log, "out2", c));
            s.AddIncomingGrainCallFilter(c => LogAsync(log, "in1", c));
            s.AddIncomingGrainCallFilter(c => LogAsync(log, "in2", c));
        });

        Assert.Equal("own:hello", await silo.Grain<IFilteredGrain>("a").Echo("hello").Soon());
        Assert.Equal(["out1", "out2", "in1", "in2", "in2 end", "in1 end", "out2 end", "out1 end"], log);
    }

    [Fact]
    public async Task IncomingFilter_SeesTheCallAndMayReplaceTheResult()
    {
        IIncomingGrainCallContext? seen = null;
        await using var silo = await TestSilo.StartAsync(s => s.AddIncomingGrainCallFilter(async c =>
        {
            seen = c;
            await c.Invoke();
            c.Result = c.Result + "!";
        }));

        Assert.Equal("own:hello!", await silo.Grain<IFilteredGrain>("b").Echo("hello").Soon());
        Assert.Equal(nameof(IFilteredGrain.Echo), seen!.MethodName);
        Assert.Equal("hello", seen.Request.GetArgument(0));
        Assert.Equal("filtered/b", seen.TargetId.ToString());
        Assert.Equal(typeof(FilteredGrain), seen.ImplementationMethod.DeclaringType);
        Assert.Null(seen.SourceId);
    }

    [Fact]
    public async Task IncomingFilter_ThatThrows_KeepsTheCallFromTheGrain()
    {
        await using var silo = await TestSilo.StartAsync(s => s.AddIncomingGrainCallFilter(_ => throw new UnauthorizedAccessException("no")));

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => silo.Grain<IFilteredGrain>("c").Echo("hello").Soon());
    }

    [Fact]
    public async Task RequestContext_GoesAlongWithCallsAndNotBack()
    {
        await using var silo = await TestSilo.StartAsync();
        RequestContext.Set("who", "caller");

        var seen = await silo.Grain<IContextGrain>("a").SeeAndSet(silo.Grain<IContextGrain>("b")).Soon();

        Assert.Equal("caller, then grain", seen);
        Assert.Equal("caller", RequestContext.Get("who"));
        RequestContext.Clear();
        Assert.Equal("nobody", await silo.Grain<IContextGrain>("a").See().Soon());
    }

    [Fact]
    public async Task AsyncLocal_OfTheCaller_IsNotSeenByTheGrain()
    {
        await using var silo = await TestSilo.StartAsync();
        ContextGrain.Ambient.Value = "leaked";

        // The first call waits for the activation, the second one starts at once: neither may bring it along.
        Assert.Null(await silo.Grain<IContextGrain>("c").SeeAmbient().Soon());
        Assert.Null(await silo.Grain<IContextGrain>("c").SeeAmbient().Soon());
    }

    private static async Task LogAsync(ConcurrentQueue<string> log, string name, IGrainCallContext context)
    {
        log.Enqueue(name);
        await context.Invoke();
        log.Enqueue(name + " end");
    }
}

public interface IFilteredGrain : IGrainWithStringKey
{
    Task<string> Echo(string text);
}

internal sealed class FilteredGrain : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public Task<string> Echo(string text) => Task.FromResult(text);

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();
        context.Result = "own:" + context.Result;
    }
}

public interface IContextGrain : IGrainWithStringKey
{
    Task<string> SeeAndSet(IContextGrain other);

    Task<string> See();

    Task<string?> SeeAmbient();
}

internal sealed class ContextGrain : Grain, IContextGrain
{
    public static AsyncLocal<string?> Ambient { get; } = new();

    public async Task<string> SeeAndSet(IContextGrain other)
    {
        var mine = RequestContext.Get("who");
        RequestContext.Set("who", "grain");
        return $"{mine}, then {await other.See()}";
    }

    public Task<string> See() => Task.FromResult(RequestContext.Get("who") as string ?? "nobody");

    public Task<string?> SeeAmbient() => Task.FromResult(Ambient.Value);
}
