namespace Fleet.Coordinator.Metrics;

/// <summary>One series at full resolution, packed in blocks. Not safe for use by several threads.</summary>
internal sealed class SeriesHistory
{
    private readonly List<SealedBlock> _sealed = [];
    private SampleEncoder? _open;
    private int _openBlock = -1;

    /// <summary>Adds a sample at an instant of the timeline that is later than all earlier ones.</summary>
    public void Add(int instant, double value)
    {
        var block = instant / SampleCoding.BlockLength;
        if (block != _openBlock)
        {
            Seal();
            _openBlock = block;
        }

        _open ??= new SampleEncoder();
        _open.Add(instant % SampleCoding.BlockLength, value);
    }

    /// <summary>Drops blocks before this one.</summary>
    public void Forget(int firstBlock)
    {
        _sealed.RemoveAll(block => block.Number < firstBlock);
        if (_openBlock < firstBlock)
        {
            _open = null;
            _openBlock = -1;
        }
    }

    /// <summary>Every sample between two instants, both inclusive.</summary>
    public void Read(Timeline timeline, long fromUnixMilliseconds, long toUnixMilliseconds, List<(long At, double Value)> into)
    {
        foreach (var block in _sealed)
        {
            Read(timeline, block.Number, block.Bytes, block.Count, fromUnixMilliseconds, toUnixMilliseconds, into);
        }

        if (_open is not null)
        {
            Read(timeline, _openBlock, _open.Bytes, _open.Count, fromUnixMilliseconds, toUnixMilliseconds, into);
        }
    }

    /// <summary>Bytes of the packed samples, without overhead, and the number of samples.</summary>
    public (int Bytes, int Samples) Size() =>
        (_sealed.Sum(static block => block.Bytes.Length) + (_open?.Bytes.Length ?? 0),
            _sealed.Sum(static block => block.Count) + (_open?.Count ?? 0));

    private static void Read(
        Timeline timeline, int block, ReadOnlySpan<byte> bytes, int count, long from, long to, List<(long At, double Value)> into)
    {
        if (block < timeline.FirstBlock)
        {
            return;
        }

        var decoder = new SampleDecoder(bytes, count);
        while (decoder.Next())
        {
            var at = timeline[(block * SampleCoding.BlockLength) + decoder.Index];
            if (at >= from && at <= to)
            {
                into.Add((at, decoder.Value));
            }
        }
    }

    private void Seal()
    {
        if (_open is not null)
        {
            _sealed.Add(new SealedBlock(_openBlock, _open.Bytes.ToArray(), _open.Count));
            _open = null;
        }
    }

    private readonly record struct SealedBlock(int Number, byte[] Bytes, int Count);
}
