using Orleans.Concurrency;

namespace Fleet.Silo.Tests.Activations;

public sealed class StatelessWorkerTests
{
    [Fact]
    public async Task Calls_OfAStatelessWorker_RunSideBySideUpToItsLimit()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IWorkerGrain>("a");

        var calls = Enumerable.Range(0, 3).Select(_ => grain.Meet(3)).ToArray();
        await Task.WhenAll(calls).Soon();

        Assert.Equal(3, calls.Select(c => c.Result).Distinct().Count());
    }

    [Fact]
    public async Task Calls_BeyondItsLimit_WaitForAWorker()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IWorkerGrain>("b");

        var workers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(grain.Who))).Soon();

        Assert.InRange(workers.Distinct().Count(), 1, 3);
    }
}

public interface IWorkerGrain : IGrainWithStringKey
{
    Task<Guid> Meet(int count);

    Task<Guid> Who();
}

[StatelessWorker(3)]
internal sealed class WorkerGrain : Grain, IWorkerGrain
{
    private static readonly TaskCompletionSource Met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private static int _present;
    private readonly Guid _me = Guid.NewGuid();

    public async Task<Guid> Meet(int count)
    {
        if (Interlocked.Increment(ref _present) == count)
        {
            Met.TrySetResult();
        }

        await Met.Task;
        return _me;
    }

    public async Task<Guid> Who()
    {
        await Task.Yield();
        return _me;
    }
}
