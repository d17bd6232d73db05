using System.Buffers;

namespace Grpc.Core.Wire;

/// <summary>A growing buffer on pooled arrays that refuses to grow beyond a limit.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int MinimumSizeBytes = 256;
    private readonly int _limitBytes;
    private readonly Func<Exception> _limitExceeded;
    private byte[] _array;
    private int _length;

    /// <param name="capacityBytes">Where to begin.</param>
    /// <param name="limitBytes">The most it may hold.</param>
    /// <param name="limitExceeded">What to throw beyond that.</param>
    public PooledBuffer(int capacityBytes, int limitBytes, Func<Exception> limitExceeded)
    {
        _limitBytes = limitBytes;
        _limitExceeded = limitExceeded;
        _array = ArrayPool<byte>.Shared.Rent(Math.Max(capacityBytes, MinimumSizeBytes));
    }

    public int Length => _length;

    public Span<byte> WrittenSpan => _array.AsSpan(0, _length);

    public Memory<byte> WrittenMemory => _array.AsMemory(0, _length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - _length);
        if (_length + count > _limitBytes)
        {
            throw _limitExceeded();
        }

        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsSpan(_length);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_array.AsSpan(_length));
        Advance(bytes.Length);
    }

    public void Dispose()
    {
        var array = _array;
        _array = [];
        _length = 0;
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void Reserve(int bytes)
    {
        if (_array.Length - _length >= bytes)
        {
            return;
        }

        ObjectDisposedException.ThrowIf(_array.Length == 0, this);
        if (_length >= _limitBytes)
        {
            throw _limitExceeded();
        }

        var wanted = Math.Max((long)_length + bytes, Math.Min(2L * _array.Length, _limitBytes));
        var larger = ArrayPool<byte>.Shared.Rent(checked((int)wanted));
        _array.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
