using System.Buffers.Binary;
using System.Security.Cryptography;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// What a dry run says would be deleted. Counts without bound and keeps only the first names; its fingerprint still covers all of them,
/// in whatever order they came. Not thread-safe.
/// </summary>
internal sealed class DeletionList
{
    private const int MaxPaths = 1_000; // both as RsyncPlan.deletions
    private const int MaxPathBytes = 256 * 1024;
    private const int MaxMarkedBytes = 1024 * 1024;
    private const int HashBytes = 32;

    private readonly List<ByteString> _paths = [];
    private readonly List<byte[]> _marked = [];
    private readonly ulong[] _sum = new ulong[HashBytes / sizeof(ulong)];
    private int _pathBytes, _markedBytes;

    public long Count { get; private set; }

    /// <summary>The first of them, relative to the destination; folders end with '/'.</summary>
    public IReadOnlyList<ByteString> Paths => _paths;

    /// <summary>Folders below the destination that carry a mark of Fleet: relative, without '/' at the end.</summary>
    public IReadOnlyList<byte[]> Marked => _marked;

    /// <summary>True if there are more of them than can be remembered.</summary>
    public bool HasMoreMarked { get; private set; }

    /// <param name="path">As the file system has it: not escaped. Relative to the destination, a folder with '/' at the end.</param>
    public void Add(ReadOnlySpan<byte> path)
    {
        Count++;
        Span<byte> hash = stackalloc byte[HashBytes];
        SHA256.HashData(path, hash);
        for (var i = 0; i < _sum.Length; i++)
        {
            _sum[i] = unchecked(_sum[i] + BinaryPrimitives.ReadUInt64LittleEndian(hash[(i * sizeof(ulong))..]));
        }

        if (_paths.Count < MaxPaths && _pathBytes + path.Length <= MaxPathBytes)
        {
            _paths.Add(ByteString.CopyFrom(path));
            _pathBytes += path.Length;
        }

        var marked = path.EndsWith("/.fleet/"u8)
            ? path[..^"/.fleet/".Length]
            : path.EndsWith("/.fleet-owner.json"u8)
            ? path[..^"/.fleet-owner.json".Length]
            : [];
        if (!marked.IsEmpty && _markedBytes + marked.Length <= MaxMarkedBytes)
        {
            _marked.Add(marked.ToArray());
            _markedBytes += marked.Length;
        }
        else if (!marked.IsEmpty)
        {
            HasMoreMarked = true;
        }
    }

    /// <summary>The same for the same set of paths. 32 bytes.</summary>
    public byte[] Fingerprint()
    {
        var bytes = new byte[HashBytes];
        for (var i = 0; i < _sum.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), _sum[i]);
        }

        return bytes;
    }

    /// <summary>What a name is that rsync printed: it writes control characters, and a backslash before '#', as \#012, in octal.</summary>
    public static byte[] Unescape(ReadOnlySpan<byte> printed)
    {
        List<byte> name = new(printed.Length);
        for (var i = 0; i < printed.Length; i++)
        {
            if (printed[i..] is [
                (byte)'\\', (byte)'#', >= (byte)'0' and <= (byte)'3', >= (byte)'0' and <= (byte)'7', >= (byte)'0' and <= (byte)'7', ..])
            {
                name.Add((byte)(((printed[i + 2] - '0') << 6) | ((printed[i + 3] - '0') << 3) | (printed[i + 4] - '0')));
                i += 4;
            }
            else
            {
                name.Add(printed[i]);
            }
        }

        return [.. name];
    }

    public RsyncPlan ToPlan(long wouldWrite) => new() { WouldWrite = wouldWrite, WouldDelete = Count, Deletions = { _paths } };
}
