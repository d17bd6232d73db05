using Grpc.Core;

namespace Fleet.Protocol.Compression;

/// <summary>Unpacks a message, and ends its call when that cannot be done, or gives more bytes than allowed.</summary>
internal sealed class BoundedStream(Stream inner, int maxBytes) : Stream
{
    private long _readBytes;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _readBytes;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = inner.Read(buffer);
        }
        catch (InvalidDataException)
        {
            throw new RpcException(new Status(StatusCode.Internal, "A compressed message cannot be unpacked."));
        }

        _readBytes += read;
        return _readBytes <= maxBytes
            ? read
            : throw new RpcException(new Status(StatusCode.ResourceExhausted, "A message unpacks to more than the largest size."));
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
