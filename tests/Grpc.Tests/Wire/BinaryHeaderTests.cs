using Grpc.Core;
using Grpc.Core.Wire;

namespace Fleet.Grpc.Tests.Wire;

public sealed class BinaryHeaderTests
{
    [Theory]
    [InlineData(new byte[0], "")]
    [InlineData(new byte[] { 1 }, "AQ")]
    [InlineData(new byte[] { 1, 2 }, "AQI")]
    [InlineData(new byte[] { 1, 2, 3 }, "AQID")]
    [InlineData(new byte[] { 0xff, 0xfe, 0xfd, 0xfc }, "//79/A")]
    public void Encode_Bytes_HaveNoPadding(byte[] bytes, string expected)
    {
        Assert.Equal(expected, BinaryHeader.Encode(bytes));
        Assert.True(BinaryHeader.TryDecode(expected, out var decoded));
        Assert.Equal(bytes, decoded);
    }

    [Theory]
    [InlineData("AQ==", new byte[] { 1 })]
    [InlineData("AQI=", new byte[] { 1, 2 })]
    [InlineData(" AQID ", new byte[] { 1, 2, 3 })]
    public void TryDecode_Padding_IsAccepted(string text, byte[] expected)
    {
        Assert.True(BinaryHeader.TryDecode(text, out var bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("A")]
    [InlineData("AQ*D")]
    public void TryDecode_WhatIsNotBase64_IsRefused(string text) => Assert.False(BinaryHeader.TryDecode(text, out _));

    [Fact]
    public void TryDecode_LongValue_IsRead()
    {
        var bytes = new byte[5000];
        Random.Shared.NextBytes(bytes);
        Assert.True(BinaryHeader.TryDecode(Convert.ToBase64String(bytes), out var decoded));
        Assert.Equal(bytes, decoded);
    }

    [Fact]
    public void AddTo_SeveralValuesInOneLine_AreSplit()
    {
        var metadata = new Metadata();
        BinaryHeader.AddTo(metadata, "A-Bin", "AQ==,Ag, !!,Aw");
        Assert.Equal([[1], [2], [3]], metadata.GetAll("a-bin").Select(e => e.ValueBytes));
    }

    [Fact]
    public void AddTo_Text_IsKeptWhole()
    {
        var metadata = new Metadata();
        BinaryHeader.AddTo(metadata, "Name", "a,b");
        Assert.Equal("a,b", metadata.GetValue("name"));
    }
}
