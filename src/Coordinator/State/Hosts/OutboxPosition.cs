using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Hosts;

/// <summary>
/// Where the coordinator continues in an agent's outbox: after what it has, or, if the two do not agree, before the oldest entry that
/// the agent still holds. Anything in between is gone, and waiting for it would never end. Pure.
/// </summary>
/// <param name="OutboxId">The outbox that the sequence belongs to.</param>
/// <param name="Sequence">Everything up to this number is committed, or will never arrive.</param>
/// <param name="Gap">What will never arrive. Null if nothing is missing.</param>
internal sealed record OutboxPosition(string OutboxId, long Sequence, OutboxGap? Gap)
{
    /// <param name="anotherPast">Whether the agent or this coordinator was restored to an older state.</param>
    public static OutboxPosition Of(HostRow host, Hello hello, bool anotherPast)
    {
        var last = Math.Max(0, hello.OutboxLastSequence);
        if (hello.OutboxId.Length == 0)
        {
            // The agent does not say what it holds. Its numbers may have gone back; if so, continue from there.
            return new OutboxPosition(host.OutboxId, Math.Min(host.OutboxSequence, last), null);
        }

        // Everything before this one was acknowledged by some coordinator, or the outbox is empty.
        var before = hello.OutboxFirstSequence > 0 ? Math.Min(hello.OutboxFirstSequence - 1, last) : last;
        if (hello.OutboxId != host.OutboxId)
        {
            // A new outbox of a host that had one before: unsent entries of the old one are lost, and nobody knows how many.
            var gap = host.OutboxId.Length > 0 ? new OutboxGap(host.OutboxId, host.OutboxSequence + 1, null)
                : before > 0 ? new OutboxGap(hello.OutboxId, 1, before)
                : null;
            return new OutboxPosition(hello.OutboxId, before, gap);
        }

        if (before > host.OutboxSequence)
        {
            return new OutboxPosition(host.OutboxId, before, new OutboxGap(host.OutboxId, host.OutboxSequence + 1, before));
        }

        // Numbers went back, or the agent's past is not ours: they may stand for other facts than before. Runs that are reported twice
        // are recognised.
        return new OutboxPosition(host.OutboxId, last < host.OutboxSequence || anotherPast ? before : host.OutboxSequence, null);
    }
}
