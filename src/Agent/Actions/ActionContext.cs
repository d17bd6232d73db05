using Fleet.Agent.Guard;
using Fleet.Agent.Tools;
using Fleet.Protocol.Edge;

namespace Fleet.Agent.Actions;

/// <summary>One attempt, and what an action needs for it.</summary>
internal sealed record ActionContext
{
    public required RunId RunId { get; init; }

    /// <summary>From 1.</summary>
    public required int Attempt { get; init; }

    public required string HostId { get; init; }

    public required string HostName { get; init; }

    /// <summary>SHA-256 of the certificate of the fleet's authority, hex.</summary>
    public required string FleetId { get; init; }

    /// <summary>Name of the policy; empty for a run without one.</summary>
    public required string Policy { get; init; }

    public required Protocol.V1.Action Action { get; init; }

    /// <summary>The instant that the run was scheduled for, or that it was asked for. The same for every attempt of a run.</summary>
    public required DateTimeOffset ScheduledAt { get; init; }

    /// <summary>How long the attempt may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Where lines and progress go.</summary>
    public required IRunLog Log { get; init; }

    /// <summary>The one door to processes. Already carries the run's priority and its mark in the environment.</summary>
    public required IToolRunner Tools { get; init; }

    /// <summary>What the guard decided for this action, with the limits that came with it.</summary>
    public required GuardDecision Guard { get; init; }

    public required TimeProvider Time { get; init; }
}
