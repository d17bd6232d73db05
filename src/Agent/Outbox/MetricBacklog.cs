using System.Globalization;
using Fleet.Agent.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Outbox;

/// <summary>
/// Metric batches of the time without a session. Bounded: the oldest file goes first, and what went is counted. Not forced to
/// disk. Thread-safe.
/// </summary>
internal sealed class MetricBacklog : IDisposable
{
    private const int Segments = 16;

    /// <summary>A larger one on disk was not written by this agent.</summary>
    private const long MaxSequence = 1L << 53;

    private readonly Lock _gate = new();
    private readonly string _directory;
    private readonly Func<long> _maxBytes;
    private readonly List<Segment> _segments = [];
    private long _lastSequence;
    private long _dropped;

    private MetricBacklog(string directory, Func<long> maxBytes)
    {
        _directory = directory;
        _maxBytes = maxBytes;
        DurableFile.CreateFolder(directory);
        foreach (var path in Directory.EnumerateFiles(directory, "*.log").Order(StringComparer.Ordinal))
        {
            var segment = new Segment(path);
            segment.File = RecordFile.Open(path, segment.Replay, out _);
            _segments.Add(segment);
            _lastSequence = Math.Max(_lastSequence, segment.LastSequence);
        }
    }

    /// <summary>0: nothing was ever put in.</summary>
    public long LastSequence
    {
        get
        {
            lock (_gate)
            {
                return _lastSequence;
            }
        }
    }

    private long MaxSegmentBytes => Math.Max(64 * 1024, _maxBytes() / Segments);

    /// <param name="maxBytes">May change: what is too much then goes when the next file is begun.</param>
    public static MetricBacklog Open(string directory, Func<long> maxBytes) => new(directory, maxBytes);

    public long SizeBytes
    {
        get
        {
            lock (_gate)
            {
                return _segments.Sum(s => s.File!.SizeBytes);
            }
        }
    }

    /// <summary>Batches dropped since the last call.</summary>
    public long TakeDropped()
    {
        lock (_gate)
        {
            var dropped = _dropped;
            _dropped = 0;
            return dropped;
        }
    }

    /// <summary>Counts a batch that was dropped elsewhere.</summary>
    public void CountDropped(long batches)
    {
        lock (_gate)
        {
            _dropped += batches;
        }
    }

    /// <summary>Gives the batch its sequence and keeps it, or drops it when there is no room at all.</summary>
    /// <param name="batch">Defines every series that it uses.</param>
    public void Add(MetricBatch batch)
    {
        lock (_gate)
        {
            batch.Sequence = ++_lastSequence;
            try
            {
                var segment = _segments.Count > 0 && _segments[^1].File!.SizeBytes < MaxSegmentBytes ? _segments[^1] : NewSegment();
                segment.Add(batch.Sequence, segment.File!.Append(batch.ToByteArray(), durable: false));
            }
            catch (IOException)
            {
                _dropped++;
            }
        }
    }

    /// <summary>The first batch behind a sequence. Null if there is none.</summary>
    public MetricBatch? ReadAfter(long sequence)
    {
        lock (_gate)
        {
            foreach (var segment in _segments.Where(s => s.LastSequence > sequence))
            {
                if (segment.After(sequence) is { } position)
                {
                    return MetricBatch.Parser.ParseFrom(segment.File!.Read(position));
                }
            }

            return null;
        }
    }

    /// <summary>The coordinator has everything up to here.</summary>
    public void Acknowledge(long sequence)
    {
        lock (_gate)
        {
            while (_segments.Count > 0 && _segments[0].LastSequence <= sequence)
            {
                Remove(_segments[0]);
            }

            if (_segments.Count > 0)
            {
                _segments[0].Forget(sequence);
            }
        }
    }

    /// <summary>The disk is full: metrics go first.</summary>
    public void DropAll()
    {
        lock (_gate)
        {
            while (_segments.Count > 0)
            {
                _dropped += _segments[0].Count;
                Remove(_segments[0]);
            }
        }
    }

    public void Dispose() => _segments.ForEach(s => s.File!.Dispose());

    private Segment NewSegment()
    {
        while (_segments.Count >= Segments || _segments.Sum(s => s.File!.SizeBytes) > Segments * MaxSegmentBytes)
        {
            _dropped += _segments[0].Count;
            Remove(_segments[0]);
        }

        var segment = new Segment(Path.Join(_directory, _lastSequence.ToString("D19", CultureInfo.InvariantCulture) + ".log"));
        segment.File = RecordFile.Open(segment.Path, segment.Replay, out _);
        _segments.Add(segment);
        return segment;
    }

    private void Remove(Segment segment)
    {
        _segments.Remove(segment);
        segment.File!.Dispose();
        try
        {
            File.Delete(segment.Path);
        }
        catch (IOException)
        {
            // Opened again at the next start; its batches are then sent once more.
        }
    }

    private sealed class Segment(string path)
    {
        private readonly SortedDictionary<long, RecordPosition> _batches = [];

        public string Path => path;

        public RecordFile? File { get; set; }

        public long LastSequence { get; private set; }

        public int Count => _batches.Count;

        public void Add(long sequence, RecordPosition position)
        {
            _batches[sequence] = position;
            LastSequence = Math.Max(LastSequence, sequence);
        }

        public void Replay(RecordPosition position, ReadOnlySpan<byte> record)
        {
            try
            {
                if (MetricBatch.Parser.ParseFrom(record).Sequence is > 0 and <= MaxSequence and var sequence)
                {
                    Add(sequence, position);
                }
            }
            catch (InvalidProtocolBufferException)
            {
                // The checksum was right, so another program wrote it.
            }
        }

        public RecordPosition? After(long sequence)
        {
            foreach (var (number, position) in _batches)
            {
                if (number > sequence)
                {
                    return position;
                }
            }

            return null;
        }

        public void Forget(long sequence)
        {
            foreach (var number in _batches.Keys.TakeWhile(n => n <= sequence).ToList())
            {
                _batches.Remove(number);
            }
        }
    }
}
