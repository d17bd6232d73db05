using System.Security.Cryptography;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Inventory;

/// <summary>Which lists the coordinator has, so that only what changed is sent. Good for one session. Thread-safe.</summary>
internal sealed class ReportedLists
{
    private readonly Lock _gate = new();
    private Dictionary<(SnapshotKind Kind, string Scope), Reported> _acknowledged = [];
    private Dictionary<(SnapshotKind Kind, string Scope), Reported> _sent = [];
    private long _generation;

    /// <summary>A session begins: everything is reported to the coordinator again.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            (_acknowledged, _sent, _generation) = ([], [], 0);
        }
    }

    /// <summary>The coordinator has taken a report. Nothing follows from that once a newer one was made.</summary>
    public void Acknowledge(long generation)
    {
        lock (_gate)
        {
            if (generation > 0 && generation == _generation)
            {
                _acknowledged = _sent;
            }
        }
    }

    /// <summary>The lists of the next report: those that differ from what was acknowledged.</summary>
    public (long Generation, IReadOnlyList<SnapshotList> Lists) Next(IEnumerable<SnapshotSource> sources)
    {
        lock (_gate)
        {
            List<SnapshotList> changed = [];
            _sent = [];
            foreach (var source in sources)
            {
                var key = (source.Kind, source.Scope);
                if (_acknowledged.TryGetValue(key, out var known) && ReferenceEquals(known.Stock, source.Stock))
                {
                    _sent[key] = known;
                    continue;
                }

                var list = source.Create();
                var hash = SHA256.HashData(list.ToByteArray());
                _sent[key] = new Reported(source.Stock, hash);
                if (known is null || !known.Hash.AsSpan().SequenceEqual(hash))
                {
                    changed.Add(list);
                }
            }

            return (++_generation, changed);
        }
    }

    private sealed record Reported(object Stock, byte[] Hash);
}
