using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Reminders;

namespace Orleans.Runtime;

/// <summary>Starts and stops the silo with the host.</summary>
internal sealed partial class SiloHostedService(SiloRuntime silo, IServiceProvider services, ILogger<SiloHostedService> logger)
    : IHostedService, IDisposable
{
    private readonly IdleCollector _collector = new(silo);
    private LocalReminderService? _reminders;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in services.GetServices<IConfigurationValidator>())
        {
            validator.ValidateConfiguration();
        }

        var started = Stopwatch.GetTimestamp();
        foreach (var grainInterface in silo.Grains.Interfaces)
        {
            silo.References.Describe(grainInterface);
        }

        silo.Pending.Start();
        _collector.Start();
        silo.Stage = SiloStage.Running;
        _reminders = services.GetService<LocalReminderService>();
        if (_reminders is not null)
        {
            await _reminders.StartAsync(cancellationToken);
        }

        foreach (var task in services.GetServices<IStartupTask>())
        {
            await task.Execute(cancellationToken);
        }

        var classes = silo.Grains.Classes.Count();
        var elapsed = Stopwatch.GetElapsedTime(started);
        Log.Started(logger, classes, elapsed);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_reminders is not null)
        {
            await _reminders.StopAsync(cancellationToken);
        }

        _collector.Dispose();
        silo.Stage = SiloStage.Stopping;
        using (cancellationToken.UnsafeRegister(static s => ((SiloRuntime)s!).CancelStop(), silo))
        {
            await EndActivationsAsync(cancellationToken);
        }

        silo.Stage = SiloStage.Stopped;
        silo.Pending.FailAll(static request => new SiloUnavailableException($"The silo has stopped: {request} will not be answered."));
        silo.Pending.Dispose();
    }

    public void Dispose() => _collector.Dispose();

    private async Task EndActivationsAsync(CancellationToken cancellationToken)
    {
        // A request that was on its way to a new activation when the stop began may have brought one to life: look again.
        while (silo.Directory.Activations.ToArray() is { Length: > 0 } activations)
        {
            foreach (var activation in activations)
            {
                activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo is stopping"), CancellationToken.None);
            }

            try
            {
                await Task.WhenAll(activations.Select(a => a.Deactivated)).WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                var left = silo.Directory.Activations.Select(a => a.GrainId.ForLog()).ToArray();
                var names = string.Join(", ", left.Take(10));
                Log.StopTooSlow(logger, left.Length, names);
                return;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Silo started with {Classes} grain classes in {Elapsed}")]
        public static partial void Started(ILogger logger, int classes, TimeSpan elapsed);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The silo stopped without waiting longer for {Count} activations: {Grains}")]
        public static partial void StopTooSlow(ILogger logger, int count, string grains);
    }
}
