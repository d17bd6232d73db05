using System.Text;
using Fleet.Agent.Storage;
using Fleet.Agent.Tools;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Journal;

/// <summary>
/// What this host has begun and ended, durable before it is acted upon: the reason why nothing runs twice. Format:
/// docs/agent.md. Thread-safe.
/// </summary>
internal sealed class RunJournal : IDisposable
{
    /// <summary>Ended attempts that are remembered; the coordinator asks again only for its newest.</summary>
    public const int MaxEnded = 512;

    private const string FileName = "runs.log";
    private const long CompactAtBytes = 8 * 1024 * 1024;
    private const long KeepBytes = 2 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly string _bootId;
    private readonly Dictionary<RunKey, JournalEntry> _entries = [];
    private readonly Queue<RunKey> _ended = [];
    private readonly RecordFile _file;

    private int _unusable;

    private RunJournal(string path, string bootId, out string? damage)
    {
        _bootId = bootId;
        _file = RecordFile.Open(path, Replay, out damage);
        if (_unusable > 0 && damage is null)
        {
            File.Copy(path, path + ".damaged", overwrite: true);
            damage = $"{_unusable} record(s) in {path} are invalid and ignored; a copy is kept as *.damaged";
        }
    }

    private enum RecordKind : byte
    {
        Started = 1,
        Process = 2,
        Finished = 3,
        Delivered = 4,
    }

    public static RunJournal Open(string directory, string bootId, out string? damage) =>
        new(Path.Join(directory, FileName), bootId, out damage);

    /// <summary>Results in a journal that another process may have open; nothing is changed. What is torn or damaged is left out.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static IReadOnlyList<RunFinished> ReadResults(string directory)
    {
        List<RunFinished> results = [];
        RecordFile.Look(Path.Join(directory, FileName), record =>
        {
            if (record.IsEmpty || (RecordKind)record[0] != RecordKind.Finished)
            {
                return;
            }

            try
            {
                results.Add(RunFinished.Parser.ParseFrom(record[1..]));
            }
            catch (InvalidProtocolBufferException)
            {
                // As in Replay.
            }
        });
        return results;
    }

    /// <summary>True if the attempt began or ended here.</summary>
    public bool Knows(RunKey key)
    {
        lock (_gate)
        {
            return _entries.ContainsKey(key);
        }
    }

    /// <summary>True if any attempt of the run is known.</summary>
    public bool KnowsRun(RunId runId)
    {
        lock (_gate)
        {
            return _entries.Keys.Any(k => k.RunId == runId);
        }
    }

    /// <summary>Attempts that began and did not end: after a restart, those that were interrupted.</summary>
    public IReadOnlyList<(RunKey Key, RunStarted Started, IReadOnlyList<JournalProcess> Processes)> Unfinished()
    {
        lock (_gate)
        {
            return [.. _entries.Where(e => e.Value.Result is null && e.Value.Started is not null).Select(
                e => (e.Key, e.Value.Started!, (IReadOnlyList<JournalProcess>)[.. e.Value.Processes]))];
        }
    }

    /// <summary>Results that a crash kept from the outbox.</summary>
    public IReadOnlyList<RunFinished> Undelivered()
    {
        lock (_gate)
        {
            return [.. _entries.Values.Where(e => e is { Result: not null, Delivered: false }).Select(e => ReadResult(e.Result!.Value))];
        }
    }

    /// <summary>Attempts that ended and are remembered, the newest last.</summary>
    public IReadOnlyList<RunKey> Ended
    {
        get
        {
            lock (_gate)
            {
                return [.. _ended];
            }
        }
    }

    /// <summary>The result of an attempt that ended; null when it has not, or is not known.</summary>
    public RunFinished? Result(RunKey key)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(key, out var entry) && entry.Result is { } position ? ReadResult(position) : null;
        }
    }

    /// <summary>An attempt is about to begin. On disk when this returns.</summary>
    /// <exception cref="IOException">It must not begin.</exception>
    public void Start(RunStarted started) => Append([(byte)RecordKind.Started, .. started.ToByteArray()], durable: true);

    /// <summary>A process was started for an attempt. Not forced to disk: after a power loss there is no process to look for.</summary>
    public void AddProcess(RunKey key, StartedProcess process) =>
        Append(ProcessRecord(key, new JournalProcess(_bootId, process.ProcessId, process.StartTicks)), durable: false);

    /// <summary>An attempt ended. On disk when this returns.</summary>
    /// <exception cref="IOException">It is not.</exception>
    public void Finish(RunFinished finished)
    {
        Append([(byte)RecordKind.Finished, .. finished.ToByteArray()], durable: true);
        lock (_gate)
        {
            if (_file.SizeBytes > CompactAtBytes)
            {
                Compact();
            }
        }
    }

    /// <summary>The outbox has the result. Lost in a crash, it is only delivered again, which the coordinator recognises.</summary>
    public void MarkDelivered(RunKey key) => Append(DeliveredRecord(key), durable: false);

    public void Dispose() => _file.Dispose();

    private void Append(byte[] record, bool durable)
    {
        lock (_gate)
        {
            var position = _file.Append(record, durable);
            Replay(position, record);
        }
    }

    private void Replay(RecordPosition position, ReadOnlySpan<byte> record)
    {
        if (record.IsEmpty)
        {
            return;
        }

        try
        {
            switch ((RecordKind)record[0])
            {
                case RecordKind.Started:
                    var started = RunStarted.Parser.ParseFrom(record[1..]);
                    Entry(Key(started.RunId, started.Attempt)).Started = started;
                    break;
                case RecordKind.Finished:
                    var finished = RunFinished.Parser.ParseFrom(record[1..]);
                    var key = Key(finished.RunId, finished.Attempt);
                    var entry = Entry(key);
                    if (entry.Result is null)
                    {
                        _ended.Enqueue(key);
                    }

                    entry.Result = position;
                    entry.Processes.Clear();
                    Forget();
                    break;
                case RecordKind.Process:
                    using (var reader = new BinaryReader(new MemoryStream(record[1..].ToArray()), Encoding.UTF8))
                    {
                        var owner = Key(reader.ReadString(), reader.ReadInt32());
                        var (processId, startTicks) = (reader.ReadInt32(), reader.ReadInt64());
                        Entry(owner).Processes.Add(new JournalProcess(reader.ReadString(), processId, startTicks));
                    }

                    break;
                case RecordKind.Delivered:
                    using (var reader = new BinaryReader(new MemoryStream(record[1..].ToArray()), Encoding.UTF8))
                    {
                        if (_entries.TryGetValue(Key(reader.ReadString(), reader.ReadInt32()), out var delivered))
                        {
                            delivered.Delivered = true;
                        }
                    }

                    break;
                default:
                    // Written by a later release; what it means is not ours to guess.
                    break;
            }
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or EndOfStreamException or FormatException)
        {
            // The checksum was right, so another program wrote it; without meaning for us.
            _unusable++;
        }
    }

    /// <exception cref="FormatException">It names no run.</exception>
    private static RunKey Key(string runId, int attempt) => new(RunId.Parse(runId), attempt);

    private JournalEntry Entry(RunKey key)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            _entries[key] = entry = new JournalEntry();
        }

        return entry;
    }

    private void Forget()
    {
        while (_ended.Count > MaxEnded && _entries[_ended.Peek()].Delivered)
        {
            _entries.Remove(_ended.Dequeue());
        }
    }

    private void Compact()
    {
        long keptBytes = 0;
        HashSet<RunKey> dropped = [];
        foreach (var key in _ended.Reverse())
        {
            keptBytes += _entries[key].Result!.Value.Length;
            if (keptBytes > KeepBytes && _entries[key].Delivered)
            {
                dropped.Add(key);
            }
        }

        List<(JournalEntry Entry, byte[] Result)> ended = [];
        List<byte[]> records = [];
        foreach (var (key, entry) in _entries.Where(e => e.Value.Result is null && e.Value.Started is not null))
        {
            records.Add([(byte)RecordKind.Started, .. entry.Started!.ToByteArray()]);
            records.AddRange(entry.Processes.Select(p => ProcessRecord(key, p)));
        }

        var first = records.Count;
        foreach (var key in _ended.Where(k => !dropped.Contains(k)))
        {
            var result = _file.Read(_entries[key].Result!.Value);
            ended.Add((_entries[key], result));
            records.Add(result);
        }

        foreach (var key in _ended.Where(k => !dropped.Contains(k) && _entries[k].Delivered))
        {
            records.Add(DeliveredRecord(key));
        }

        IReadOnlyList<RecordPosition> positions;
        try
        {
            positions = _file.Rewrite(records);
        }
        catch (IOException)
        {
            // No room for a second file now: the next result tries again.
            return;
        }

        for (var i = 0; i < ended.Count; i++)
        {
            ended[i].Entry.Result = positions[first + i];
        }

        foreach (var key in dropped)
        {
            _entries.Remove(key);
        }

        var kept = _ended.Where(k => !dropped.Contains(k)).ToList();
        _ended.Clear();
        kept.ForEach(_ended.Enqueue);
    }

    private static byte[] ProcessRecord(RunKey key, JournalProcess process)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write((byte)RecordKind.Process);
        writer.Write(key.RunId.Text);
        writer.Write(key.Attempt);
        writer.Write(process.ProcessId);
        writer.Write(process.StartTicks);
        writer.Write(process.BootId);
        writer.Flush();
        return stream.ToArray();
    }

    private static byte[] DeliveredRecord(RunKey key)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write((byte)RecordKind.Delivered);
        writer.Write(key.RunId.Text);
        writer.Write(key.Attempt);
        writer.Flush();
        return stream.ToArray();
    }

    private RunFinished ReadResult(RecordPosition position) => RunFinished.Parser.ParseFrom(_file.Read(position).AsSpan(1));
}
