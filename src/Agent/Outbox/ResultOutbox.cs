using System.Text;
using Fleet.Agent.Journal;
using Fleet.Agent.Storage;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Outbox;

/// <summary>
/// Facts that the coordinator has not acknowledged: in sequence, without gaps, on disk before they are sent. Never drops one.
/// Format: docs/agent.md. Thread-safe.
/// </summary>
internal sealed class ResultOutbox : IDisposable
{
    private const long CompactAtBytes = 1024 * 1024;

    /// <summary>A larger one on disk was not written by this agent.</summary>
    private const long MaxSequence = 1L << 53;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly RecordFile _file;
    private readonly SortedDictionary<long, RecordPosition> _waiting = [];
    private readonly HashSet<RunKey> _waitingResults = [];
    private long _waitingBytes;
    private bool _unusable;
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ResultOutbox(string path, TimeProvider time, out string? damage)
    {
        _time = time;
        _file = RecordFile.Open(path, Replay, out damage);
        if (damage is null && !(Id.Length == 0 && _waiting.Count == 0 && LastSequence == 0) && !MakesSense())
        {
            File.Copy(path, path + ".damaged", overwrite: true);
            damage = $"the content of {path} is inconsistent; a copy is kept as *.damaged, and what is usable is sent under new numbers";
        }

        if (Id.Length == 0 || damage is not null)
        {
            // New, or damaged, so that there may be gaps: sequences start again under a new id, with what is left in it first.
            Id = Guid.NewGuid().ToString("N");
            var left = _waiting.Values.Select(p => OutboxEntry.Parser.ParseFrom(_file.Read(p).AsSpan(1))).ToList();
            _waiting.Clear();
            LastSequence = 0;
            foreach (var entry in left)
            {
                entry.OutboxId = Id;
                entry.Sequence = ++LastSequence;
            }

            Rewrite(left.Select(Encode));
        }
    }

    private enum RecordKind : byte
    {
        Head = 1,
        Entry = 2,
        Acknowledged = 3,
    }

    /// <summary>Made with the file.</summary>
    public string Id { get; private set; } = "";

    /// <summary>0: nothing was ever put in.</summary>
    public long LastSequence { get; private set; }

    /// <summary>The oldest waiting entry, 0 when none waits, and the last one ever put in.</summary>
    public (long First, long Last) Range
    {
        get
        {
            lock (_gate)
            {
                return (_waiting.Count == 0 ? 0 : _waiting.Keys.First(), LastSequence);
            }
        }
    }

    /// <summary>What waits. Unit: bytes.</summary>
    public long WaitingBytes
    {
        get
        {
            lock (_gate)
            {
                return _waitingBytes;
            }
        }
    }

    /// <summary>Completes when something is added after this call.</summary>
    public Task Added
    {
        get
        {
            lock (_gate)
            {
                return _added.Task;
            }
        }
    }

    public static ResultOutbox Open(string directory, TimeProvider time, out string? damage) =>
        new(Path.Join(directory, "results.log"), time, out damage);

    /// <summary>Gives the fact its sequence and writes it. On disk when this returns.</summary>
    /// <exception cref="IOException">It is not, and no sequence was used.</exception>
    public void Add(OutboxEntry entry)
    {
        TaskCompletionSource added;
        lock (_gate)
        {
            entry.OutboxId = Id;
            entry.Sequence = LastSequence + 1;
            entry.RecordedAt = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
            var record = Encode(entry);
            Keep(_file.Append(record), entry);
            added = _added;
            _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        added.TrySetResult();
    }

    /// <summary>The first waiting entry behind a sequence. Null if there is none.</summary>
    public OutboxEntry? ReadAfter(long sequence)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                return null;
            }

            // Waiting entries have no gaps, so the wanted one is found without a search.
            var first = _waiting.Keys.First();
            var wanted = Math.Max(first, sequence + 1);
            return _waiting.TryGetValue(wanted, out var position) ? OutboxEntry.Parser.ParseFrom(_file.Read(position).AsSpan(1)) : null;
        }
    }

    /// <summary>True if the result of this attempt waits here.</summary>
    public bool Holds(RunKey key)
    {
        lock (_gate)
        {
            return _waitingResults.Contains(key);
        }
    }

    /// <summary>The coordinator has everything up to here.</summary>
    public void Acknowledge(long sequence)
    {
        lock (_gate)
        {
            if (sequence <= 0 || _waiting.Count == 0 || _waiting.Keys.First() > sequence)
            {
                return;
            }

            Drop(Math.Min(sequence, LastSequence));
            try
            {
                // Not forced to disk: what is sent twice is recognised.
                _ = _file.Append([(byte)RecordKind.Acknowledged, .. BitConverter.GetBytes(sequence)], durable: false);
                if (_file.SizeBytes > CompactAtBytes && _file.SizeBytes > 2 * _waitingBytes)
                {
                    Rewrite([.. _waiting.Values.Select(_file.Read)]);
                }
            }
            catch (IOException)
            {
                // No room: the next acknowledgement covers this one.
            }
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Numbers that grow one by one, under a name.</summary>
    private bool MakesSense() =>
        !_unusable && WireNames.IsToken(Id) && LastSequence is >= 0 and <= MaxSequence
        && (_waiting.Count == 0
            || (_waiting.Keys.First() > 0
                && _waiting.Keys.Last() == LastSequence
                && LastSequence - _waiting.Keys.First() == _waiting.Count - 1));

    private static byte[] Encode(OutboxEntry entry) => [(byte)RecordKind.Entry, .. entry.ToByteArray()];

    private void Replay(RecordPosition position, ReadOnlySpan<byte> record)
    {
        if (record.IsEmpty)
        {
            return;
        }

        switch ((RecordKind)record[0])
        {
            case RecordKind.Head when record.Length >= 1 + sizeof(long):
                LastSequence = BitConverter.ToInt64(record[1..]);
                Id = Encoding.ASCII.GetString(record[(1 + sizeof(long))..]);
                break;
            case RecordKind.Entry:
                try
                {
                    Keep(position, OutboxEntry.Parser.ParseFrom(record[1..]));
                }
                catch (InvalidProtocolBufferException)
                {
                    // The checksum was right, so another program wrote it.
                    _unusable = true;
                }

                break;
            case RecordKind.Acknowledged when record.Length == 1 + sizeof(long):
                Drop(BitConverter.ToInt64(record[1..]));
                break;
            default:
                break;
        }
    }

    private void Keep(RecordPosition position, OutboxEntry entry)
    {
        _waiting[entry.Sequence] = position;
        _waitingBytes += position.Length;
        LastSequence = Math.Max(LastSequence, entry.Sequence);
        if (entry.RunFinished is { } finished && RunKey.TryRead(finished.RunId, finished.Attempt) is { } key)
        {
            _waitingResults.Add(key);
        }
    }

    private void Drop(long upTo)
    {
        foreach (var sequence in _waiting.Keys.TakeWhile(s => s <= upTo).ToList())
        {
            _waitingBytes -= _waiting[sequence].Length;
            _waiting.Remove(sequence);
        }

        if (_waiting.Count == 0)
        {
            _waitingResults.Clear();
        }
    }

    private void Rewrite(IEnumerable<byte[]> entries)
    {
        byte[] head = [(byte)RecordKind.Head, .. BitConverter.GetBytes(LastSequence), .. Encoding.ASCII.GetBytes(Id)];
        var records = entries.Prepend(head).ToList();
        var positions = _file.Rewrite(records);
        _waiting.Clear();
        _waitingBytes = 0;
        for (var i = 1; i < records.Count; i++)
        {
            Keep(positions[i], OutboxEntry.Parser.ParseFrom(records[i].AsSpan(1)));
        }
    }
}
