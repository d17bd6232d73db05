using Fleet.Agent.Configuration;
using Fleet.Agent.Inventory;
using Fleet.Agent.LocalSocket;
using Fleet.Agent.Metrics;
using Fleet.Agent.Runs;
using Fleet.Agent.Session;
using Fleet.Yaml;

namespace Fleet.Agent;

/// <summary>SIGHUP: the configuration is read again, and holds as a whole or not at all.</summary>
internal sealed partial class AgentHost
{
    private TaskCompletionSource _reloaded = NewSignal();
    private int _reloads;

    /// <summary>The configuration is read soon.</summary>
    public void RequestReload()
    {
        Interlocked.Increment(ref _reloads);
        Volatile.Read(ref _upkeep)?.Pulse();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Apply(AgentOptions options, RunSettings settings) =>
        (settings.MaxConcurrent, settings.Priority) = (options.MaxConcurrentRuns, options.RunPriority);

    private void Reload(RunLedger ledger, RunSettings settings, MetricsLoop metrics, InventoryLoop inventory, LocalServer localServer)
    {
        systemd.Reloading(time);
        var problems = new YamlProblems();
        var options = AgentOptionsReader.Read(configFile, problems);
        if (!problems.Any && options.StateDirectory != _options.StateDirectory)
        {
            problems.Add(configFile.Path, 0, 0, "state_directory", "cannot change while the agent runs: restart it");
        }

        if (problems.Any)
        {
            LogReloadRefused(problems.ToString());
            ledger.Notice("configuration_refused", $"the new configuration has problems; the old one stays in use: {problems.Items[0]}");
        }
        else
        {
            _options = options;
            log.Minimum = options.LogLevel;
            Apply(options, settings);
            metrics.ReconsiderInterval();
            inventory.ReconsiderInterval();
            localServer.Reconsider();
            LogReloaded(configFile.Path);
            ledger.Notice("configuration_reloaded", $"{configFile} was reloaded");
            Interlocked.Exchange(ref _reloaded, NewSignal()).TrySetResult();
        }

        systemd.Ready();
    }

    /// <summary>
    /// Labels, addresses and what the guard allows are sent or used when a session begins, so a reload starts a new one.
    /// </summary>
    private async Task KeepSessionAsync(SessionClient session, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reloaded = Volatile.Read(ref _reloaded).Task;
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var running = session.RunAsync(ending.Token);
            await Task.WhenAny(running, reloaded);
            await ending.CancelAsync();
            try
            {
                await running;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Asked for.
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
