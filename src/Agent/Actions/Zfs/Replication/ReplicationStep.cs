using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>One stream: send and receive once.</summary>
/// <param name="From">Full name of the snapshot or bookmark that the other side has already. Null for everything.</param>
/// <param name="To">The snapshot that arrives last.</param>
/// <param name="Arriving">All snapshots that arrive, oldest first; the last one is <paramref name="To"/>.</param>
internal sealed record ReplicationStep(string? From, ZfsSnapshot To, IReadOnlyList<ZfsSnapshot> Arriving)
{
    /// <summary>One stream with the snapshots in between: only where each of them is wanted, and never from a bookmark.</summary>
    public bool WithIntermediates => From is not null && Arriving.Count > 1;
}
