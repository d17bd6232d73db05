using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Work to do when the silo has started.</summary>
public static class SiloBuilderStartupExtensions
{
    /// <summary>Runs a task when the silo has started, and before the host counts as started.</summary>
    public static ISiloBuilder AddStartupTask(this ISiloBuilder builder, Func<IServiceProvider, CancellationToken, Task> startupTask) =>
        builder.ConfigureServices(s => s.AddSingleton<IStartupTask>(services => new DelegateStartupTask(services, startupTask)));

    /// <summary>Runs a task when the silo has started, and before the host counts as started.</summary>
    public static ISiloBuilder AddStartupTask<TStartup>(this ISiloBuilder builder)
        where TStartup : class, IStartupTask =>
        builder.ConfigureServices(s => s.AddSingleton<IStartupTask, TStartup>());

    private sealed class DelegateStartupTask(IServiceProvider services, Func<IServiceProvider, CancellationToken, Task> task) : IStartupTask
    {
        public Task Execute(CancellationToken cancellationToken) => task(services, cancellationToken);
    }
}
