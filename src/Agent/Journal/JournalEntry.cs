using Fleet.Agent.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Journal;

/// <summary>What the journal knows of one attempt.</summary>
internal sealed class JournalEntry
{
    /// <summary>Null if it ended without ever starting.</summary>
    public RunStarted? Started { get; set; }

    /// <summary>Processes that were started for it.</summary>
    public List<JournalProcess> Processes { get; } = [];

    /// <summary>Where its result stands. Null if it has not ended.</summary>
    public RecordPosition? Result { get; set; }

    /// <summary>Its result is in the outbox.</summary>
    public bool Delivered { get; set; }
}
