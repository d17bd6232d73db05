using Fleet.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fleet.Silo.Tests;

/// <summary>A host with a silo in it, on a clock that the test moves.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private TestSilo(IHost host, FakeTimeProvider time)
    {
        Host = host;
        Time = time;
    }

    public IHost Host { get; }

    public FakeTimeProvider Time { get; }

    public IGrainFactory Grains => Host.Services.GetRequiredService<IGrainFactory>();

    public static async Task<TestSilo> StartAsync(Action<ISiloBuilder>? configure = null, FakeTimeProvider? time = null)
    {
        var silo = Build(configure, time);
        await silo.Host.StartAsync(TestContext.Current.CancellationToken);
        return silo;
    }

    public static TestSilo Build(Action<ISiloBuilder>? configure = null, FakeTimeProvider? time = null)
    {
        time ??= new FakeTimeProvider();
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            silo.AddMemoryGrainStorageAsDefault();
            configure?.Invoke(silo);
        });
        return new TestSilo(builder.Build(), time);
    }

    public T Grain<T>(string key)
        where T : IGrainWithStringKey => Grains.GetGrain<T>(key);

    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5)))
        {
            await Host.StopAsync(patience.Token);
        }

        Host.Dispose();
    }
}
