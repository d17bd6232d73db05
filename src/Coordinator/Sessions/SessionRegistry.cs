using System.Collections.Concurrent;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Sessions;

/// <summary>
/// The sessions of this process: ends them at shutdown, and regularly stores when each host was last seen, many in
/// one commit.
/// </summary>
internal sealed partial class SessionRegistry(
    FleetStore store, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<SessionRegistry> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, SessionOutput> _live = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _seen = new();
    private CancellationTokenRegistration _stopping;

    /// <summary>The number of open sessions.</summary>
    public int Count => _live.Count;

    /// <summary>True at shutdown: a session that ends then says nothing about its host.</summary>
    public bool Stopping => lifetime.ApplicationStopping.IsCancellationRequested;

    public void Add(string sessionId, SessionOutput output)
    {
        _live[sessionId] = output;
        if (Stopping)
        {
            SayGoodbye(output);
        }
    }

    public void Remove(string sessionId) => _live.TryRemove(sessionId, out _);

    /// <summary>Records that a message of any kind came from a host.</summary>
    public void Seen(string hostId) => _seen[hostId] = clock.GetUtcNow();

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _stopping = lifetime.ApplicationStopping.Register(() =>
        {
            foreach (var output in _live.Values)
            {
                SayGoodbye(output);
            }
        });
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.DisposeAsync();
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await WriteSeenAsync(stoppingToken);
                }
                catch (StoreException exception)
                {
                    SeenFailed(log, exception);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Also reached when the start failed elsewhere: the log should show that failure, not the end of this loop.
        }
    }

    private async Task WriteSeenAsync(CancellationToken cancellationToken)
    {
        var seen = new List<KeyValuePair<string, DateTimeOffset>>();
        foreach (var hostId in _seen.Keys)
        {
            if (_seen.TryRemove(hostId, out var at))
            {
                seen.Add(new(hostId, at));
            }
        }

        if (seen.Count == 0)
        {
            return;
        }

        await store.WriteAsync(
            transaction =>
            {
                foreach (var (hostId, at) in seen)
                {
                    SessionStore.Seen(transaction, hostId, at);
                }
            },
            cancellationToken);
    }

    private static void SayGoodbye(SessionOutput output)
    {
        output.TrySend(new CoordinatorMessage
        {
            Notice = new SessionNotice
            {
                Code = SessionNoticeCode.GoingAway,
                Message = "the coordinator is shutting down; reconnect in a few seconds",
            },
        });
        output.End(SessionEnds.GoingAway);
    }
}
