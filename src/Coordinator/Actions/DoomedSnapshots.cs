using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Snapshots that a run may destroy: those of a policy, or those that the action names.</summary>
/// <param name="Policy">The policy that made them. Null for any.</param>
/// <param name="Identities">Guids of ZFS or UUIDs of LVM. Null for any.</param>
internal sealed record DoomedSnapshots(SnapshotKind Kind, string? Policy = null, IReadOnlySet<string>? Identities = null);
