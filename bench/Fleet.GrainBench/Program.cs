using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Fleet.GrainBench;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// Figures for grains in one process: calls per second and what an activation costs. Nothing is asserted.
const int Calls = 500_000;
const int Grains = 1_000;
const int Activations = 100_000;

var builder = Host.CreateEmptyApplicationBuilder(new());
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.UseOrleans(silo => silo.UseLocalhostClustering());
using var host = builder.Build();
await host.StartAsync();
var factory = host.Services.GetRequiredService<IGrainFactory>();

Console.WriteLine($"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
    + $"{Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}, "
    + $"Orleans from {typeof(Grain).Assembly.GetName().Name}");

var beat = new Beat("host-0001.example", 1, TimeProvider.System.GetUtcNow(), ["run-1", "run-2"]);
var all = Enumerable.Range(0, Grains).Select(i => factory.GetGrain<IMeasuredGrain>($"g{i}")).ToArray();
foreach (var round in new[] { "warm-up", "measured" })
{
    Console.WriteLine($"\n{round}:");
    await MeasureAsync("one caller, one grain, one call at a time", Calls, async () =>
    {
        for (var i = 0; i < Calls; i++)
        {
            await all[0].Echo(i);
        }
    });
    await MeasureAsync("grain to grain, one call at a time", Calls, () => all[0].CallOther(all[1], Calls));
    await MeasureAsync($"64 callers over {Grains:N0} grains", Calls, () => FromManyAsync(i => all[i % Grains].Echo(i).AsTask()));
    await MeasureAsync($"64 callers over {Grains:N0} grains, copied record", Calls, () => FromManyAsync(i => all[i % Grains].Take(beat)));
    await MeasureAsync("64 callers, one grain", Calls, () => FromManyAsync(i => all[0].Echo(i).AsTask()));
    await MeasureAsync($"fan-out to {Grains:N0} grains at once", 100 * Grains, async () =>
    {
        for (var i = 0; i < 100; i++)
        {
            await Task.WhenAll(all.Select(g => g.Take(beat)));
        }
    });
}

var before = GC.GetTotalMemory(forceFullCollection: true);
await MeasureAsync("\nactivations", Activations, async () =>
{
    for (var i = 0; i < Activations; i += Grains)
    {
        await Task.WhenAll(Enumerable.Range(i, Grains).Select(n => factory.GetGrain<IMeasuredGrain>($"a{n}").Echo(n).AsTask()));
    }
});
var after = GC.GetTotalMemory(forceFullCollection: true);
Console.WriteLine($"{"memory per activation",-50}{(after - before) / Activations,12:N0} B");

await MeasureAsync("deactivations, at the silo's stop", Activations, () => host.StopAsync());

static async Task MeasureAsync(string what, int count, Func<Task> work)
{
    var allocated = GC.GetTotalAllocatedBytes(precise: true);
    var started = Stopwatch.GetTimestamp();
    await work();
    var elapsed = Stopwatch.GetElapsedTime(started);
    allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-50}{count / elapsed.TotalSeconds,12:N0} /s {allocated / count,8:N0} B each"));
}

static Task FromManyAsync(Func<int, Task> call)
{
    const int Callers = 64;
    return Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
    {
        for (var i = caller; i < Calls; i += Callers)
        {
            await call(i);
        }
    })));
}
