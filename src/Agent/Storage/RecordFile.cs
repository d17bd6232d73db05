using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Fleet.Agent.Storage;

/// <summary>
/// An append-only file of records: "FLEETR1\n", then for each record its length (4 bytes, little endian), the CRC-32C of
/// length and content (4 bytes), the content. What a crash leaves half-written at the end is cut off when it is opened.
/// Not thread-safe.
/// </summary>
internal sealed class RecordFile : IDisposable
{
    /// <summary>Longer content is refused.</summary>
    public const int MaxRecordBytes = 4 * 1024 * 1024;

    private const int FrameBytes = 8;
    private static readonly byte[] Magic = "FLEETR1\n"u8.ToArray();
    private readonly string _path;
    private SafeFileHandle _handle;
    private byte[] _frame = new byte[1024];

    private RecordFile(string path, SafeFileHandle handle, long sizeBytes)
    {
        _path = path;
        _handle = handle;
        SizeBytes = sizeBytes;
    }

    /// <summary>Takes one record while a file is opened.</summary>
    public delegate void RecordVisitor(RecordPosition position, ReadOnlySpan<byte> content);

    /// <summary>Looks at one record.</summary>
    public delegate void LookVisitor(ReadOnlySpan<byte> content);

    public long SizeBytes { get; private set; }

    /// <summary>
    /// Opens or makes the file and shows every good record in order. A torn tail is cut off. When more than that is wrong (a
    /// good record follows a bad one, or the head is not ours), the file is kept aside and a new one is made of what is good.
    /// </summary>
    /// <param name="damage">What was wrong, for people; null: nothing, or only a torn tail.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static RecordFile Open(string path, RecordVisitor visitor, out string? damage)
    {
        DurableFile.CreateFolder(Path.GetDirectoryName(path)!);
        damage = null;
        var content = DurableFile.ReadIfExists(path);
        if (content is null or { Length: 0 })
        {
            return Create(path);
        }

        var records = new List<RecordPosition>();
        var goodEnd = Scan(content, records, out var headIsGood);
        var later = FindLater(content, goodEnd, records);
        if (!headIsGood && content.Length < Magic.Length && Magic.AsSpan().StartsWith(content))
        {
            return Create(path);
        }

        if (headIsGood && !later)
        {
            foreach (var record in records)
            {
                visitor(record, content.AsSpan((int)record.Offset, record.Length));
            }

            var handle = OpenHandle(path, FileMode.Open);
            if (goodEnd < content.Length)
            {
                RandomAccess.SetLength(handle, goodEnd);
                RandomAccess.FlushToDisk(handle);
            }

            return new RecordFile(path, handle, goodEnd);
        }

        var aside = $"{path}.damaged";
        File.Move(path, aside, overwrite: true);
        damage = $"{path} was damaged at byte {goodEnd}; the damaged file is kept as {aside}, and {records.Count} good records were "
            + $"recovered";
        var rebuilt = Create(path);
        foreach (var record in records)
        {
            var bytes = content.AsSpan((int)record.Offset, record.Length);
            visitor(rebuilt.Append(bytes, durable: false), bytes);
        }

        RandomAccess.FlushToDisk(rebuilt._handle);
        return rebuilt;
    }

    /// <summary>Shows the content of every good record of a file that may be in use, and changes nothing.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Look(string path, LookVisitor visitor)
    {
        if (DurableFile.ReadIfExists(path) is { } content)
        {
            List<RecordPosition> records = [];
            _ = FindLater(content, Scan(content, records, out _), records);
            foreach (var record in records)
            {
                visitor(content.AsSpan((int)record.Offset, record.Length));
            }
        }
    }

    /// <summary>Adds a record.</summary>
    /// <param name="durable">True: on disk when this returns.</param>
    /// <exception cref="IOException">Nothing was added; what was written of it is cut off again.</exception>
    public RecordPosition Append(ReadOnlySpan<byte> content, bool durable = true)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxRecordBytes);
        var total = FrameBytes + content.Length;
        if (_frame.Length < total)
        {
            _frame = new byte[total];
        }

        WriteFrame(_frame, content);
        var position = new RecordPosition(SizeBytes + FrameBytes, content.Length);
        try
        {
            RandomAccess.Write(_handle, _frame.AsSpan(0, total), SizeBytes);
            if (durable)
            {
                RandomAccess.FlushToDisk(_handle);
            }
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_handle, SizeBytes);
            throw;
        }

        if (_frame.Length > 64 * 1024)
        {
            _frame = new byte[1024];
        }

        SizeBytes += total;
        return position;
    }

    public byte[] Read(RecordPosition position)
    {
        var content = new byte[position.Length];
        var read = RandomAccess.Read(_handle, content, position.Offset);
        return read == content.Length ? content : throw new IOException($"{_path} ends before byte {position.Offset + position.Length}");
    }

    /// <summary>Replaces the file as a whole by these records; a crash leaves the old one or the new one.</summary>
    /// <returns>Their new positions, in order.</returns>
    /// <exception cref="IOException">The old file is still in use.</exception>
    public IReadOnlyList<RecordPosition> Rewrite(IEnumerable<byte[]> records)
    {
        var temporary = _path + ".new";
        File.Delete(temporary);
        var positions = new List<RecordPosition>();
        var next = Create(temporary);
        try
        {
            foreach (var record in records)
            {
                positions.Add(next.Append(record, durable: false));
            }

            RandomAccess.FlushToDisk(next._handle);
            File.Move(temporary, _path, overwrite: true);
            DurableFile.SyncFolder(Path.GetDirectoryName(_path)!);
        }
        catch (IOException)
        {
            next.Dispose();
            File.Delete(temporary);
            throw;
        }

        _handle.Dispose();
        _handle = next._handle;
        SizeBytes = next.SizeBytes;
        return positions;
    }

    public void Dispose() => _handle.Dispose();

    private static RecordFile Create(string path)
    {
        var handle = OpenHandle(path, FileMode.Create);
        try
        {
            File.SetUnixFileMode(handle, DurableFile.PrivateFile);
            RandomAccess.Write(handle, Magic, 0);
            RandomAccess.FlushToDisk(handle);
            DurableFile.SyncFolder(Path.GetDirectoryName(path)!);
            return new RecordFile(path, handle, Magic.Length);
        }
        catch (IOException)
        {
            handle.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenHandle(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read);

    private static long Scan(ReadOnlySpan<byte> content, List<RecordPosition> records, out bool headIsGood)
    {
        headIsGood = content.StartsWith(Magic);
        var at = headIsGood ? Magic.Length : 0;
        if (!headIsGood)
        {
            return 0;
        }

        while (TryRecord(content, at, out var length))
        {
            records.Add(new RecordPosition(at + FrameBytes, length));
            at += FrameBytes + length;
        }

        return at;
    }

    /// <summary>Good records behind a bad one: then it is damage, and not the torn tail of a crash.</summary>
    private static bool FindLater(ReadOnlySpan<byte> content, long from, List<RecordPosition> records)
    {
        var found = false;
        for (var at = (int)from; at + FrameBytes < content.Length;)
        {
            if (TryRecord(content, at, out var length) && length > 0)
            {
                records.Add(new RecordPosition(at + FrameBytes, length));
                at += FrameBytes + length;
                found = true;
            }
            else
            {
                at++;
            }
        }

        return found;
    }

    private static bool TryRecord(ReadOnlySpan<byte> content, int at, out int length)
    {
        length = 0;
        if (at + FrameBytes > content.Length)
        {
            return false;
        }

        var declared = BinaryPrimitives.ReadUInt32LittleEndian(content[at..]);
        if (declared > MaxRecordBytes || at + FrameBytes + (long)declared > content.Length)
        {
            return false;
        }

        length = (int)declared;
        return BinaryPrimitives.ReadUInt32LittleEndian(content[(at + 4)..]) == Checksum(content.Slice(at + FrameBytes, length));
    }

    private static void WriteFrame(Span<byte> frame, ReadOnlySpan<byte> content)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Checksum(content));
        content.CopyTo(frame[FrameBytes..]);
    }

    // The length is mixed in, so that a run of zero bytes is not a good record.
    private static uint Checksum(ReadOnlySpan<byte> content) => Crc32C.Compute(content) ^ (0x9E3779B9u * (uint)(content.Length + 1));
}
