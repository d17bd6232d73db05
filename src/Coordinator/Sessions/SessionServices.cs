using Fleet.Coordinator.Connections;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.Runs;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Sessions;

/// <summary>The services that every session needs.</summary>
internal sealed class SessionServices(
    FleetStore store,
    IGrainFactory grains,
    TimeProvider clock,
    IMetricSink metrics,
    RunLive live,
    SessionRegistry registry,
    HostBudgets budgets,
    EntryRoom room,
    StrangerLog strangers,
    SessionBeats beats,
    ILogger<SessionServices> log)
{
    /// <summary>Both sides send at least this often.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);

    /// <summary>A connection without any message for this long is dead.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(15);

    public FleetStore Store => store;

    public IGrainFactory Grains => grains;

    public TimeProvider Clock => clock;

    public IMetricSink Metrics => metrics;

    public RunLive Live => live;

    public SessionRegistry Registry => registry;

    public HostBudgets Budgets => budgets;

    public EntryRoom Room => room;

    public StrangerLog Strangers => strangers;

    public SessionBeats Beats => beats;

    public ILogger Log => log;
}
