using Fleet.Agent.Files;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Guard;

/// <summary>
/// That a restore may write to a path. What it may read of LVM shows only when the volumes were looked at, so the action asks then.
/// </summary>
/// <param name="Destination">Open since it was compared with the rule.</param>
/// <param name="Tree">Likewise, of the dated tree. Null if the source is no dated tree.</param>
/// <param name="Secrets">What decides over this host, and is not restored out of snapshots either. Absolute, without links.</param>
internal sealed record RestoreAllowance(
    string File, RestoreRule Rule, GuardedPath Destination, GuardedPath? Tree, IReadOnlyList<byte[]> Secrets)
    : IDisposable
{
    public void Dispose()
    {
        Destination.Dispose();
        Tree?.Dispose();
    }

    /// <summary>Null if a snapshot of this volume may be read.</summary>
    /// <param name="names">The volume, and the snapshot itself.</param>
    public GuardDecision? RefusalOfVolume(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Rule.Volumes.Any(v => StorageRules.IsWithin(name, v)))
            {
                return null;
            }
        }

        return RestoreRules.Refuse(Rule.Text, $"the rule's volumes do not list {LogText.Escape(names[0])}: add it in {File}");
    }
}
