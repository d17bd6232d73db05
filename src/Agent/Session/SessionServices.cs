using Fleet.Agent.Configuration;
using Fleet.Agent.Connection;
using Fleet.Agent.Enrolment;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Inventory;
using Fleet.Agent.LocalSchedule;
using Fleet.Agent.Metrics;
using Fleet.Agent.Outbox;
using Fleet.Agent.Runs;
using Fleet.Agent.Timing;

namespace Fleet.Agent.Session;

/// <summary>What a session works with.</summary>
internal sealed record SessionServices
{
    public required Func<AgentOptions> Options { get; init; }

    public required RunManager Runs { get; init; }

    public required RunLedger Ledger { get; init; }

    public required ResultOutbox Outbox { get; init; }

    public required MetricBacklog Backlog { get; init; }

    public required SendQueue Queue { get; init; }

    public required AssignmentStore Assignments { get; init; }

    public required MetricsLoop Metrics { get; init; }

    public required InventoryLoop Inventory { get; init; }

    public required RefusedMessages Refused { get; init; }

    public required IGuard Guard { get; init; }

    public required HostDescription Host { get; init; }

    public required SessionState State { get; init; }

    /// <summary>Of the boot, see Hello.boot_id.</summary>
    public required string BootId { get; init; }

    /// <summary>New with each start of this process.</summary>
    public required string InstanceId { get; init; }

    public required string Version { get; init; }

    public required SharedTimer Timer { get; init; }

    public TimeProvider Time => Timer.Time;

    public required CoordinatorClock Clock { get; init; }
}
