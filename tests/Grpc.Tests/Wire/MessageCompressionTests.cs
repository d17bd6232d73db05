using System.Buffers;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Core.Wire;

namespace Fleet.Grpc.Tests.Wire;

public sealed class MessageCompressionTests
{
    private readonly MessageCompression _compression = new(MessageCompression.DefaultProviders);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Decompress_WhatCompressMade_IsTheSame(int size)
    {
        var plain = Frame(size);
        var expected = plain.WrittenSpan[MessageFrame.HeaderSizeBytes..].ToArray();
        using var compressed = MessageCompression.Compress(plain, _compression.Find("gzip")!, null);
        using var result = Decompress(compressed.WrittenSpan[MessageFrame.HeaderSizeBytes..].ToArray(), size);
        Assert.Equal(expected, result.WrittenSpan.ToArray());
    }

    [Fact]
    public void Decompress_BeyondLimit_IsResourceExhausted()
    {
        var bomb = Gzip(new byte[50_000_000]);
        Assert.True(bomb.Length < 100_000);
        var e = Assert.Throws<RpcException>(() => Decompress(bomb, 4096));
        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
    }

    [Fact]
    public void Decompress_Garbage_IsInternal() =>
        Assert.Equal(StatusCode.Internal, Assert.Throws<RpcException>(() => Decompress([1, 2, 3, 4, 5], 100)).StatusCode);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("identity")]
    public void Decompress_WithoutEncoding_IsInternal(string? encoding)
    {
        var e = Assert.Throws<RpcException>(() => _compression.Decompress(new ReadOnlySequence<byte>([0]), encoding, 100));
        Assert.Equal(StatusCode.Internal, e.StatusCode);
    }

    [Fact]
    public void Decompress_UnknownEncoding_IsUnimplemented()
    {
        var e = Assert.Throws<RpcException>(() => _compression.Decompress(new ReadOnlySequence<byte>([0]), "zstd", 100));
        Assert.Equal(StatusCode.Unimplemented, e.StatusCode);
        Assert.Contains("identity,gzip", e.Status.Detail, StringComparison.Ordinal);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    private static PooledBuffer Frame(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return new MessageSerializer(null).Serialize((message, context) => context.Complete(message), bytes);
    }

    private PooledBuffer Decompress(byte[] bytes, int limit) => _compression.Decompress(new ReadOnlySequence<byte>(bytes), "gzip", limit);
}
