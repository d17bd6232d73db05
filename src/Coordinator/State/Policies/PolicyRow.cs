using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Policies;

/// <summary>A policy as stored. The spec is never changed.</summary>
internal sealed record PolicyRow(
    PolicySpec Spec, long Revision, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string UpdatedBy);
