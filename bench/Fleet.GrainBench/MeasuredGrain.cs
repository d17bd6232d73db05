namespace Fleet.GrainBench;

internal sealed class MeasuredGrain : Grain, IMeasuredGrain
{
    public ValueTask<long> Echo(long value) => new(value);

    public Task<Beat> Take(Beat beat) => Task.FromResult(beat);

    public async Task CallOther(IMeasuredGrain other, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await other.Echo(i);
        }
    }
}
