using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Metrics;

namespace Fleet.Coordinator.Metrics;

/// <summary>
/// Writes the roll-ups of completed windows, slightly more than every five minutes, and the remaining ones at shutdown.
/// If two processes have each seen a part of a window, both parts are combined.
/// </summary>
internal sealed partial class RollupWriter(
    MetricStore metrics,
    RollupStore rollups,
    TrustedClock trusted,
    LiveOptions options,
    TimeProvider clock,
    ILogger<RollupWriter> log
) : BackgroundService
{
    /// <summary>How long to wait after a window's end for samples that are on their way.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>Writes every completed window. Also deletes what is too old.</summary>
    /// <param name="mayForget">False if the clock cannot be trusted for that.</param>
    public void Run(bool mayForget)
    {
        if (mayForget)
        {
            metrics.Forget();
        }

        var now = clock.GetUtcNow();
        Write(RollupPoint.WindowOf((now - Grace).ToUnixTimeMilliseconds()));
        if (mayForget)
        {
            var keep = options.Current.RollupsKeep;
            rollups.Prune(RollupPoint.WindowOf((now - keep).ToUnixTimeMilliseconds()));
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Write(long.MaxValue);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(UntilNext(), clock, stoppingToken);
                await RunGuardedAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private TimeSpan UntilNext()
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var next = ((RollupPoint.WindowOf(now) + 1) * RollupPoint.WindowSeconds * 1000L) + (long)Grace.TotalMilliseconds + 1_000;
        return TimeSpan.FromMilliseconds(next - now);
    }

    private async Task RunGuardedAsync(CancellationToken cancellationToken)
    {
        try
        {
            var mayForget = await trusted.MayForgetAsync(cancellationToken);
            await Task.Run(() => Run(mayForget), cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            RollupsLost(log, 0, exception);
        }
    }

    private void Write(long beforeWindow)
    {
        var lost = 0;
        Exception? first = null;
        foreach (var host in metrics.Hosts)
        {
            var windows = host.TakeRollups(beforeWindow);
            if (windows.Count == 0)
            {
                continue;
            }

            try
            {
                CoordinatorMeter.RollupsWritten.Add(rollups.Write(host.HostId, windows));
            }
            catch (Exception exception)
            {
                // The disk may be full: the next window is tried again, and this one is lost.
                CoordinatorMeter.RollupsDropped.Add(windows.Values.Sum(static points => points.Count));
                first ??= exception;
                lost++;
            }
        }

        if (first is not null)
        {
            RollupsLost(log, lost, first);
        }
    }
}
