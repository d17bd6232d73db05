namespace Fleet.Agent.Configuration;

/// <summary>metrics.collectors.NAME of agent.yaml.</summary>
/// <param name="Timeout">Null for the collector's own.</param>
internal sealed record CollectorOptions(bool Enabled, TimeSpan? Timeout);
