using Fleet.Agent.Native;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Configuration;

/// <summary>What agent.yaml says. Every default is here.</summary>
internal sealed record AgentOptions
{
    public const string DefaultFile = "/etc/fleet/agent.yaml";

    /// <summary>Addresses to try in turn, "https://host:port". Empty for those of the enrolment.</summary>
    public IReadOnlyList<string> Coordinators { get; init; } = [];

    /// <summary>Name to enrol under. Empty for the host's own.</summary>
    public string Name { get; init; } = "";

    /// <summary>Win over the labels of the enrolment.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public string StateDirectory { get; init; } = "/var/lib/fleet-agent";

    /// <summary>Of the local socket.</summary>
    public string RuntimeDirectory { get; init; } = "/run/fleet-agent";

    /// <summary>Whose members may ask the agent. Empty for nobody but root.</summary>
    public string SocketGroup { get; init; } = "";

    public HistoryLimits History { get; init; } = HistoryLimits.Default;

    public string GuardFile { get; init; } = "/etc/fleet/guard.yaml";

    /// <summary>1 s to 1 h. Null means as the coordinator says.</summary>
    public TimeSpan? MetricsInterval { get; init; }

    /// <summary>Keys are names of collectors.</summary>
    public IReadOnlyDictionary<string, CollectorOptions> Collectors { get; init; } = new Dictionary<string, CollectorOptions>();

    /// <summary>Runs at the same time. 1 to 64.</summary>
    public int MaxConcurrentRuns { get; init; } = 2;

    public ToolPriority RunPriority { get; init; } = new(10, IoClass.BestEffort, 7);

    /// <summary>Of everything that waits for the coordinator. A quarter of it is for metrics. 16 MiB to 64 GiB.</summary>
    public long OutboxMaxBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Between two looks at ZFS and LVM. 10 s to 1 day. Null if they are not looked at.</summary>
    public TimeSpan? InventoryInterval { get; init; } = TimeSpan.FromMinutes(5);

    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}
