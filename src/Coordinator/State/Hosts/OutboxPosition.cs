using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Hosts;

/// <summary>
/// Where the coordinator goes on in an agent's outbox: behind what it has, or, where the two do not remember the same, before the
/// oldest entry that the agent still holds. What lies between is gone, and waiting for it would never end. Pure.
/// </summary>
/// <param name="OutboxId">The outbox that the sequence is about.</param>
/// <param name="Sequence">Everything up to here is committed, or will never come.</param>
/// <param name="Gap">What will never come. Null if nothing is missing.</param>
internal sealed record OutboxPosition(string OutboxId, long Sequence, OutboxGap? Gap)
{
    /// <param name="anotherPast">The agent, or this coordinator, was put back to an older state.</param>
    public static OutboxPosition Of(HostRow host, Hello hello, bool anotherPast)
    {
        var last = Math.Max(0, hello.OutboxLastSequence);
        if (hello.OutboxId.Length == 0)
        {
            // An agent that does not say what it holds. Its numbers may have gone back; then they are taken from there.
            return new OutboxPosition(host.OutboxId, Math.Min(host.OutboxSequence, last), null);
        }

        // Everything before this one was acknowledged by some coordinator, or there is nothing at all.
        var before = hello.OutboxFirstSequence > 0 ? Math.Min(hello.OutboxFirstSequence - 1, last) : last;
        if (hello.OutboxId != host.OutboxId)
        {
            // A new outbox of a host that had one: what the old one held and had not sent is gone with it, how much nobody knows.
            var gap = host.OutboxId.Length > 0 ? new OutboxGap(host.OutboxId, host.OutboxSequence + 1, null)
                : before > 0 ? new OutboxGap(hello.OutboxId, 1, before)
                : null;
            return new OutboxPosition(hello.OutboxId, before, gap);
        }

        if (before > host.OutboxSequence)
        {
            return new OutboxPosition(host.OutboxId, before, new OutboxGap(host.OutboxId, host.OutboxSequence + 1, before));
        }

        // Numbers that went back, or a past that is not ours: they may stand for other facts than before. Runs that come twice are
        // recognised.
        return new OutboxPosition(host.OutboxId, last < host.OutboxSequence || anotherPast ? before : host.OutboxSequence, null);
    }
}
