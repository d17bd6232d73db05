using Fleet.Agent.Connection;
using Fleet.Agent.Outbox;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Session;

/// <summary>
/// What a session sends next: answers and heartbeats, then the outbox, then what is live, then metrics kept on disk. Of what is
/// acknowledged, only so much is under way at a time. <see cref="Next"/> is the writer's alone; acknowledgements come from the reader.
/// </summary>
internal sealed class OutgoingMessages(SendQueue queue, ResultOutbox outbox, MetricBacklog backlog)
{
    private const int MaxOutboxInFlight = 256;
    private const int MaxBacklogInFlight = 16;

    private readonly HashSet<uint> _definedSeries = [];
    private long _outboxSent;
    private long _outboxAcknowledged;
    private long _backlogSent;
    private long _backlogAcknowledged;

    /// <summary>Before the first message: what the coordinator has of this outbox already.</summary>
    public void ResumeAfter(long outboxSequence)
    {
        // What the outbox never had cannot have arrived.
        outboxSequence = Math.Min(outboxSequence, outbox.LastSequence);
        outbox.Acknowledge(outboxSequence);
        _outboxSent = _outboxAcknowledged = outboxSequence;
    }

    /// <summary>Lets go of what the coordinator has, and wakes the writer.</summary>
    public void Acknowledge(long outboxSequence, long metricsSequence)
    {
        outboxSequence = Math.Min(outboxSequence, outbox.LastSequence);
        metricsSequence = Math.Min(metricsSequence, backlog.LastSequence);
        outbox.Acknowledge(outboxSequence);
        backlog.Acknowledge(metricsSequence);
        InterlockedMax(ref _outboxAcknowledged, outboxSequence);
        InterlockedMax(ref _backlogAcknowledged, metricsSequence);
        queue.Signal();
    }

    /// <summary>Null if nothing may be sent now.</summary>
    public AgentMessage? Next()
    {
        if (queue.NextControl() is { } control)
        {
            return control;
        }

        if (_outboxSent - Interlocked.Read(ref _outboxAcknowledged) < MaxOutboxInFlight && outbox.ReadAfter(_outboxSent) is { } entry)
        {
            _outboxSent = entry.Sequence;
            return new AgentMessage { Outbox = entry };
        }

        return queue.NextLive(_definedSeries) ?? NextBacklog();
    }

    private AgentMessage? NextBacklog()
    {
        var none = _backlogAcknowledged == 0 && _backlogSent == 0;
        if ((!none && _backlogSent - Interlocked.Read(ref _backlogAcknowledged) >= MaxBacklogInFlight)
            || backlog.ReadAfter(_backlogSent) is not { } batch)
        {
            return null;
        }

        if (_backlogSent == 0)
        {
            // Everything before the first one that is left was acknowledged in an earlier session.
            InterlockedMax(ref _backlogAcknowledged, batch.Sequence - 1);
        }

        _backlogSent = batch.Sequence;

        // It may be of an earlier process, whose numbers mean other series: what follows defines its own again.
        _definedSeries.ExceptWith(batch.Definitions.Select(d => d.Number));
        return new AgentMessage { Metrics = batch };
    }

    private static void InterlockedMax(ref long target, long value)
    {
        if (value > Interlocked.Read(ref target))
        {
            Interlocked.Exchange(ref target, value);
        }
    }
}
