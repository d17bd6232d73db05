using System.Collections.Concurrent;

namespace Fleet.Agent.Actions.Restore;

/// <summary>
/// Where runs of restores write to until they are whole, so that a further attempt of a run continues there. Only as long as the agent
/// runs: a name that could be derived from the run could be guessed, too. Thread-safe.
/// </summary>
internal sealed class UnfinishedRestores
{
    private const int Most = 64;
    private readonly ConcurrentDictionary<string, UnfinishedRestore> _runs = new();

    /// <summary>The run's own; made when there is none.</summary>
    public UnfinishedRestore Of(string runId)
    {
        if (_runs.Count >= Most)
        {
            _runs.Clear();
        }

        return _runs.GetOrAdd(runId, static _ => new UnfinishedRestore());
    }
}

/// <summary>The temporary folder of one restore.</summary>
internal sealed class UnfinishedRestore
{
    /// <summary>Its name. Empty if there is none yet.</summary>
    public byte[] Name { get; set; } = [];

    /// <summary>It must be this folder, whatever has its name.</summary>
    public ulong Inode { get; set; }
}
